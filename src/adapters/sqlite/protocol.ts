/** What crosses between the main thread and a store Worker. */

import type { ErrorCode, ErrorDetails } from "../../kernel/errors.ts";

export interface Call {
  id: number;
  name: string;
  input: unknown;
}

export type Reply =
  | { id: number; ok: true; value: unknown }
  | { id: number; ok: false; code: ErrorCode; message: string; details: ErrorDetails };

/** `folds`: it folds the log back as well. */
export type ToWorker =
  | { kind: "open"; path: string; folds: boolean }
  | { kind: "calls"; calls: Call[] }
  | { kind: "fold" }
  | { kind: "close" };
export type FromWorker =
  | { kind: "ready"; migrated: number[] }
  | { kind: "failed"; message: string }
  | { kind: "replies"; replies: Reply[] }
  /** All but a little; the writer shall fold the rest. */
  | { kind: "folded" }
  | { kind: "closed" };
