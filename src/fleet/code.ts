/** Port: what the code in a program's folder is, so that a run that began with other code can be told. And the comparison, pure. */

import type { TimeWords } from "./judge.ts";

/** Of a git work tree its commit, and the newest of the tracked files that were edited since; of any other folder its newest source file. */
export interface CodeState {
  commit: string | null;
  newest: { file: string; at: number } | null;
}

export interface Code {
  /** Now. null when it cannot be told: no such folder, not ours to read, or it takes too long. Never throws. */
  state(folder: string): Promise<CodeState | null>;
}

export const unknownCode: Code = { state: async () => null };

/** What was seen a moment after a start, as it was at the start: an edit since then is none of what began. A file of the future was always there. */
export function codeAt(seen: CodeState, at: number, now: number): CodeState {
  return seen.newest && seen.newest.at > at && seen.newest.at <= now ? { ...seen, newest: null } : seen;
}

/** What changed, in words; null: nothing, or it cannot be told. */
export function codeChange(before: CodeState | null | undefined, after: CodeState | null | undefined, timeWords: TimeWords): string | null {
  if (!before || !after) return null;
  if (before.commit !== after.commit) return `${before.commit ?? "no commit"} -> ${after.commit ?? "no commit"}`;
  if (before.newest?.at === after.newest?.at && before.newest?.file === after.newest?.file) return null;
  if (after.newest && after.newest.at > (before.newest?.at ?? 0)) return `${after.newest.file} edited ${timeWords(after.newest.at)}`;
  return "edits taken back";
}
