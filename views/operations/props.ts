/** What the views of actions on many sessions are given. Built by src/http/action-model.ts. */

import type { OperationState, StepState } from "../../src/fleet/operation.ts";
import type { Action } from "../../src/fleet/selection.ts";
import type { LampProps } from "../board/props.ts";
import type { Choice, FormState } from "../fields.tsx";

export interface ChosenProps {
  name: string;
  country: string;
  priority: boolean;
  lamp: LampProps;
  /** Why it is left out, or why it is as it is. */
  why: string;
}

export interface AskManyProps {
  action: Action;
  /** As typed: q, program, country, tag, state, sessions, pending, code, rolling, settle, reason, until, until_at. */
  form: FormState;
  hash: string;
  touched: ChosenProps[];
  refused: ChosenProps[];
  unchanged: ChosenProps[];
  spread: { name: string; sessions: number }[];
  choices: { program: Choice[]; country: Choice[]; tag: Choice[]; state: Choice[] };
  /** The selection was another when it was sent. */
  notice: string | null;
}

export interface StepProps {
  name: string;
  country: string;
  priority: boolean;
  state: StepState;
  why: string | null;
}

export interface OperationProps {
  id: string;
  action: Action | "undo";
  rolling: "country" | "session" | null;
  selection: string;
  by: string;
  reason: string | null;
  until: number | null;
  state: OperationState;
  why: string | null;
  createdAt: number;
  endedAt: number | null;
  undoes: string | null;
  undoneBy: string | null;
  counts: Record<StepState, number>;
  steps: StepProps[];
  /** Can be put back. */
  undoable: boolean;
}
