/** Which patterns each program's output is measured by: kept as documents, one a program, each change with its act. Programs without have none. */

import { type Actor, act } from "../../kernel/act.ts";
import type { Clock } from "../../kernel/clock.ts";
import { AppError, invalid } from "../../kernel/errors.ts";
import { lazily } from "../../kernel/lazily.ts";
import { openTopic, type Topic } from "../../kernel/topic.ts";
import type { Documents } from "../../pairs/documents.ts";
import type { IdScope, Pattern, PatternSet } from "./pattern.ts";

export interface PatternsInput {
  patterns: readonly Pattern[];
  ids: IdScope;
}

export interface Rulebook {
  /** Those that are in force; undefined: the program is not measured by its output. */
  of(program: string): PatternSet | undefined;
  /** 0 when there were never any. */
  version(program: string): number;
  programs(): string[];
  /** Throws `invalid` with the place of what is wrong, `conflict` with reason `changed` when somebody was quicker. */
  set(program: string, input: PatternsInput, actor: Actor, version?: number): Promise<PatternSet>;
  /** Names of programs. */
  changed: Topic<string>;
}

/** With the first patterns: a start without any does not load it. */
export const engines = lazily(() => import("./engine.ts"));

export async function openRulebook(documents: Documents, clock: Clock): Promise<Rulebook> {
  const sets = new Map<string, PatternSet>();
  const changed = openTopic<string>();
  for (const { id, version, body } of await documents.load(["patterns"]))
    sets.set(id, { ...(body as unknown as Omit<PatternSet, "version">), version });

  return {
    changed,
    of: (program) => (sets.get(program)?.patterns.length ? sets.get(program) : undefined),
    version: (program) => sets.get(program)?.version ?? 0,
    programs: () => [...sets.values()].filter(({ patterns }) => patterns.length > 0).map(({ program }) => program),
    async set(program, input, actor, asked) {
      await check(input.patterns, clock);
      const before = sets.get(program);
      const found = before?.version ?? 0;
      if (asked !== undefined && asked !== found)
        throw new AppError(
          "conflict",
          `The patterns of ${program} were changed by somebody else (version ${found}, yours ${asked}). Look at them again, then save.`,
          { reason: "changed" },
        );
      const now = clock.now();
      const body: Omit<PatternSet, "version"> = {
        program,
        patterns: input.patterns,
        ids: input.ids,
        since: before && before.patterns.length > 0 ? before.since : now,
        updatedAt: now,
        updatedBy: actor.name,
      };
      const detail = { patterns: input.patterns.length, ids: input.ids };
      await documents.commit(
        [{ kind: "patterns", id: program, expected: found, body: { ...body } }],
        [act(actor, now, "program.patterns", `program:${program}`, { detail })],
      );
      const set = { ...body, version: found + 1 };
      sets.set(program, set);
      changed.publish(program);
      return set;
    },
  };
}

/** Throws `invalid` that names each bad pattern as `patterns.2.regex`. */
export async function check(patterns: readonly Pattern[], clock: Clock): Promise<void> {
  if (patterns.length === 0) return;
  const { faultOf } = await engines();
  const errors = patterns.flatMap(({ regex }, index) => {
    const fault = faultOf(regex, clock.uptimeMs);
    return fault === null ? [] : [{ field: `patterns.${index}.regex`, message: fault }];
  });
  const [first] = errors;
  if (first) throw invalid(`Pattern ${Number(first.field.split(".")[1]) + 1} ${first.message}`, errors);
}
