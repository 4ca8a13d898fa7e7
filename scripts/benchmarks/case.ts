/** What a benchmark case is and what it reports: rows of ours against a limit or a peer of the same run. */

import type { Stage } from "./stage.ts";

export interface Case {
  name: string;
  /** One line for `--list`. */
  summary: string;
  run: (stage: Stage) => Promise<Row[]>;
}

export type Target = { atLeast: number } | { atMost: number };

export interface Row {
  what: string;
  ours: number;
  /** What ours is held against: a peer's figure or a calibration of the same run; null when the limit is absolute. */
  peer: { name: string; value: number } | null;
  unit: string;
  target: Target | null;
  /** Whether the target speaks of ours / peer or of ours itself. */
  judged: "ratio" | "value";
  met: boolean | null;
  /** Calibrations and circumstances, printed below the table. */
  note: string | null;
}

/** Ours as a multiple of a peer measured in the same run. */
export function ratio(
  what: string,
  unit: string,
  ours: number,
  peer: { name: string; value: number },
  target: Target | null,
  note?: string,
): Row {
  return { what, ours, peer, unit, target, judged: "ratio", met: target && meets(ours / peer.value, target), note: note ?? null };
}

/** An absolute figure; `note` carries the calibration of the same kind. */
export function value(what: string, unit: string, ours: number, target: Target | null, note?: string): Row {
  return { what, ours, peer: null, unit, target, judged: "value", met: target && meets(ours, target), note: note ?? null };
}

/** A row that could not be measured, and why: it is neither met nor missed. */
export function leftOut(what: string, why: string): Row {
  return { what, ours: Number.NaN, peer: null, unit: "", target: null, judged: "value", met: null, note: `left out: ${why}` };
}

function meets(figure: number, target: Target): boolean {
  return "atLeast" in target ? figure >= target.atLeast : figure <= target.atMost;
}
