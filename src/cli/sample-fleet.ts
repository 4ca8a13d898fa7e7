/** The sample fleet of scripts/fleet as things of the directory: what is missing of it, and what has changed. Pure but for reading its files. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { act, SIGNALBOX } from "../kernel/act.ts";
import { timeId } from "../kernel/id.ts";
import type { Change, Directory } from "../pairs/directory.ts";
import { type NewPair, newPair, newSession, pairId, programInput } from "../pairs/input.ts";
import { createPair, type Pair, pairIdOf } from "../pairs/pair.ts";
import { programFrom } from "../pairs/program.ts";
import { defaultSessionName } from "../pairs/session.ts";
import { PRESETS } from "../results/patterns/pattern.ts";
import type { Rulebook } from "../results/patterns/rulebook.ts";

const sample = z.strictObject({
  /** `patterns`: the preset its output is measured by; it asks no permits. */
  programs: z
    .array(programInput.pick({ name: true, template: true, description: true }).extend({ patterns: z.string().optional() }))
    .min(1),
  sessions: z.array(newSession),
  priority: z.array(pairId),
  /** Where the pairs of a larger fleet lie. */
  more_countries: z.array(newPair.shape.country).min(1),
});
export type Sample = z.infer<typeof sample> & { pairs: NewPair[] };

export interface SampleOptions {
  /** Where program1.py and its siblings lie. */
  programFolder: string;
  gatewayUrl: string;
  /** So many pairs in all; the sample's own when it has more. */
  scale: number;
  node: string;
  now: number;
}

/** Reads sample.json and pairs.csv. Throws when one of them is not what it should be. */
export function readSample(folder: string): Sample {
  const rows = readFileSync(join(folder, "pairs.csv"), "utf8").trim().split(/\r?\n/).slice(1);
  const pairs = rows.map((row) => {
    const [country, operator, operator_name, mccmnc = ""] = row.split(",");
    return newPair.parse({ country, operator, operator_name, mccmnc: mccmnc.split("|").filter(Boolean) });
  });
  return { ...sample.parse(JSON.parse(readFileSync(join(folder, "sample.json"), "utf8"))), pairs };
}

/** What has to be stored so that the sample fleet is there, in one commit. Nothing when it is. */
export function missing(directory: Directory, whole: Sample, options: SampleOptions): Change[] {
  const fleet = options.scale > 0 ? pacedOnly(whole) : whole;
  const pairs = scaled(fleet, options.scale);
  const programs = fleet.programs.flatMap(({ name, patterns }) => (patterns === undefined ? [name] : []));
  const own = new Set(fleet.pairs.map((pair) => pairIdOf(pair.country, pair.operator)));
  const sessions = [
    ...fleet.sessions,
    // Pairs beyond the sample's own: one session each, the programs in turn.
    ...pairs
      .map((pair) => pairIdOf(pair.country, pair.operator))
      .filter((id) => !own.has(id))
      .map((id, i) => ({ program: programs[i % programs.length]!, pairs: [id], name: undefined })),
  ];
  return [
    ...pairs.flatMap((input) => missingPair(directory, input, fleet.priority, options.now)),
    ...fleet.programs.flatMap((program) => missingProgram(directory, program, options)),
    ...sessions.flatMap((session) => missingSession(directory, session, options)),
  ];
}

/** A large fleet is for measuring how limits are kept: without the programs that nobody paces, and the pairs they alone send for. */
function pacedOnly(fleet: Sample): Sample {
  const unpaced = new Set(fleet.programs.flatMap(({ name, patterns }) => (patterns === undefined ? [] : [name])));
  const sessions = fleet.sessions.filter(({ program }) => !unpaced.has(program));
  const left = new Set(fleet.sessions.filter(({ program }) => unpaced.has(program)).flatMap(({ pairs }) => pairs));
  for (const { pairs } of sessions) for (const pair of pairs) left.delete(pair);
  return {
    ...fleet,
    programs: fleet.programs.filter(({ name }) => !unpaced.has(name)),
    sessions,
    pairs: fleet.pairs.filter(({ country, operator }) => !left.has(pairIdOf(country, operator))),
  };
}

/** Gives programs their presets, unless somebody has said already what they are measured by. */
export async function measure(directory: Directory, rulebook: Rulebook, { programs }: Sample): Promise<void> {
  for (const { name, patterns } of programs) {
    const preset = PRESETS.find(({ id }) => id === patterns);
    if (preset && directory.program(name) && rulebook.version(name) === 0)
      await rulebook.set(name, { patterns: preset.patterns, ids: "program" }, SIGNALBOX);
  }
}

export function actsOf(changes: readonly Change[], now: number) {
  return changes.map(({ kind, value }) => {
    const id = kind === "program" ? value.name : kind === "country" ? value.code : value.id;
    return act(SIGNALBOX, now, `${kind}.${value.version === 0 ? "create" : "update"}`, `${kind}:${id}`, { reason: "sample fleet" });
  });
}

function scaled({ pairs, more_countries }: Sample, scale: number): NewPair[] {
  const more = Array.from({ length: Math.max(0, scale - pairs.length) }, (_, i) => {
    const country = more_countries[i % more_countries.length]!;
    const number = Math.floor(i / more_countries.length) + 1;
    return newPair.parse({ country, operator: `mobile-${number}`, operator_name: `Mobile ${number}` });
  });
  return [...pairs, ...more];
}

function missingPair(directory: Directory, input: NewPair, priority: readonly string[], now: number): Change[] {
  const pair: Pair = createPair(input, now);
  if (directory.pair(pair.id)) return [];
  return [{ kind: "pair", value: { ...pair, priority: priority.includes(pair.id), tags: ["sample"] } }];
}

function missingProgram(
  directory: Directory,
  { patterns: _measuredBy, ...sampled }: Sample["programs"][number],
  options: SampleOptions,
): Change[] {
  const input = programInput.parse({ ...sampled, folder: options.programFolder, environment: { GATEWAY_URL: options.gatewayUrl } });
  const before = directory.program(input.name);
  if (before?.retiredAt != null || (before?.environment.GATEWAY_URL === options.gatewayUrl && before.folder === options.programFolder))
    return [];
  return [{ kind: "program", value: programFrom(input, options.now, before) }];
}

function missingSession(directory: Directory, { program, pairs }: Sample["sessions"][number], { node, now }: SampleOptions): Change[] {
  const name = defaultSessionName(program, pairs[0]!);
  // One that was deleted stays deleted: only a fleet that never had it gets it.
  if (directory.session(name) || (directory.program(program) && pairs.every((id) => directory.pair(id)))) return [];
  const desired = { state: "up" as const, by: SIGNALBOX.name, reason: "sample fleet", at: now, until: null };
  return [
    {
      kind: "session",
      value: { id: timeId("s", now), node, name, program, pairs: [...pairs], desired, retiredAt: null, version: 0, createdAt: now },
    },
  ];
}
