/** Looks at the folders that programs run from every half minute, each once however many sessions it has, and never two at a time. */

import type { Code, CodeState } from "./code.ts";

export interface CodeWatch {
  /** As of a moment ago at most: for a start, which shall not be told changed by an edit before it. */
  fresh(folder: string, now: number): Promise<CodeState | null>;
  /** The same without waiting; undefined: it was not looked at a moment ago. */
  now(folder: string, now: number): CodeState | null | undefined;
  /** As it was looked at last. */
  known(folder: string): CodeState | null;
  /** Looks when it is time to; `folders` is asked only then. */
  tend(now: number, folders: () => Iterable<string>): void;
}

export const CODE_EVERY_MS = 30_000;
const FRESH_MS = 1_000;

export function openCodeWatch(code: Code, everyMs: number, onChange: () => void): CodeWatch {
  const states = new Map<string, CodeState | null>();
  const asked = new Map<string, { at: number; answer: Promise<CodeState | null>; answered: boolean }>();
  let tendedAt = Number.NEGATIVE_INFINITY;
  let tending = false;

  function ask(folder: string, now: number): Promise<CodeState | null> {
    const before = asked.get(folder);
    if (before && now - before.at < FRESH_MS && now >= before.at) return before.answer;
    const answer = code.state(folder).then((state) => {
      if (JSON.stringify(states.get(folder) ?? null) !== JSON.stringify(state)) onChange();
      states.set(folder, state);
      question.answered = true;
      return state;
    });
    const question = { at: now, answer, answered: false };
    asked.set(folder, question);
    return answer;
  }

  async function tendAll(now: number, folders: ReadonlySet<string>): Promise<void> {
    for (const folder of [...states.keys(), ...asked.keys()]) {
      if (folders.has(folder)) continue;
      states.delete(folder);
      asked.delete(folder);
    }
    for (const folder of folders) await ask(folder, now);
  }

  return {
    fresh: ask,
    now(folder, now) {
      const before = asked.get(folder);
      return before?.answered && now - before.at < FRESH_MS && now >= before.at ? (states.get(folder) ?? null) : undefined;
    },
    known: (folder) => states.get(folder) ?? null,
    tend(now, folders) {
      if (tending || (now - tendedAt < everyMs && now >= tendedAt)) return;
      tendedAt = now;
      tending = true;
      void tendAll(now, new Set(folders())).finally(() => {
        tending = false;
      });
    },
  };
}
