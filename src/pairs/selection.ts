/** Which pairs a bulk edit means, and what it would change on each. Pure; `batches.store` does it. */

import { z } from "zod";
import { AppError, invalid } from "../kernel/errors.ts";
import { A_STEP, type Breathe, breathe, inSteps } from "../kernel/steps.ts";
import { matches } from "../kernel/words.ts";
import { differences, type FieldChange } from "./differences.ts";
import type { Directory } from "./directory.ts";
import { countryCode, operatorSlug, type PairChange, pairChange, pairId, tag } from "./input.ts";
import { changed, openEditHash, type PairEdit } from "./many.ts";
import type { Pair } from "./pair.ts";

/** Every condition that is given must hold. `all` stands alone, so that a forgotten condition never means everything. */
export const pairFilter = z
  .strictObject({
    q: z.string().trim().min(1).max(100).describe("Words, as on the page of pairs"),
    country: countryCode,
    operator: operatorSlug,
    tag,
    active: z.boolean(),
    priority: z.boolean(),
    pairs: z.array(pairId).min(1).max(5000),
    all: z.literal(true).describe("Every pair"),
  })
  .partial()
  .refine((filter) => Object.keys(filter).length > 0, "must hold a condition, or all: true");
export type PairFilter = z.infer<typeof pairFilter>;

/** What is set on all of them alike. The priority is not among it: giving and taking it are acts of their own. */
export const pairsChange = pairChange
  .pick({ weight: true, threshold: true, limit: true, window_seconds: true, gateway: true, active: true })
  .extend({ add_tags: z.array(tag).min(1).max(20).optional(), remove_tags: z.array(tag).min(1).max(20).optional() })
  .refine((change) => Object.keys(change).length > 0, "must name a field to change");
export type PairsChange = z.infer<typeof pairsChange>;

export interface PairsPreview {
  /** Stands for exactly these changes: they are made only as they were shown. */
  hash: string;
  touched: { pair: Pair; changes: FieldChange[] }[];
  refused: { pair: Pair; why: string }[];
  /** They are so already. */
  unchanged: Pair[];
  edits: PairEdit[];
}

/** In steps, because a thousand pairs are looked through word by word. */
export async function selectPairs(filter: PairFilter, directory: Directory, breath: Breathe = breathe): Promise<Pair[]> {
  const named = filter.pairs && new Set(filter.pairs);
  const fits = (pair: Pair) => {
    if (named && !named.has(pair.id)) return false;
    if (filter.country !== undefined && pair.country !== filter.country) return false;
    if (filter.operator !== undefined && pair.operator !== filter.operator) return false;
    if (filter.tag !== undefined && !pair.tags.includes(filter.tag)) return false;
    if (filter.active !== undefined && pair.active !== filter.active) return false;
    if (filter.priority !== undefined && pair.priority !== filter.priority) return false;
    return filter.q === undefined || matches(filter.q, wordsOfPair(pair, directory));
  };
  const chosen = await inSteps(directory.pairs(), (pair) => (fits(pair) ? [pair] : []), { breath });
  return chosen.flat();
}

/** What the filter of the page of pairs looks at. */
export function wordsOfPair(pair: Pair, directory: Directory): string {
  const { id, country, operatorName, mccmnc, gateway, tags, active, priority } = pair;
  const sessions = directory.sessionsOfPair(id).map(({ name }) => name);
  const signs = [active ? "active" : "switched off", priority ? "high priority" : ""];
  return [id, operatorName, directory.country(country).name, ...mccmnc, gateway ?? "", ...tags, ...signs, ...sessions].join(" ");
}

/** A pair that is changed while this looks is noticed when the edits are stored: they carry the version that was seen. */
export async function previewPairs(
  filter: PairFilter,
  change: PairsChange,
  directory: Directory,
  now: number,
  breath: Breathe = breathe,
): Promise<PairsPreview> {
  const preview: PairsPreview = { hash: "", touched: [], refused: [], unchanged: [], edits: [] };
  const hash = openEditHash();
  for (const [index, pair] of (await selectPairs(filter, directory, breath)).entries()) {
    if (index % A_STEP === A_STEP - 1) await breath();
    try {
      const edit: PairEdit = { kind: "change", id: pair.id, version: pair.version, change: ofPair(pair, change) };
      const changes = differences(pair, changed(directory, edit, now));
      if (changes.length === 0) preview.unchanged.push(pair);
      else {
        preview.touched.push({ pair, changes });
        preview.edits.push(edit);
        hash.add(edit);
      }
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      preview.refused.push({ pair, why: error.message });
    }
  }
  return { ...preview, hash: hash.digest() };
}

function ofPair(pair: Pair, { add_tags = [], remove_tags = [], ...change }: PairsChange): PairChange {
  if (add_tags.length === 0 && remove_tags.length === 0) return change;
  const kept = pair.tags.filter((tag) => !remove_tags.includes(tag));
  const tags = [...kept, ...add_tags.filter((tag) => !kept.includes(tag))];
  if (tags.length > MOST_TAGS) throw invalid(`${pair.id} would have ${tags.length} tags; ${MOST_TAGS} are the most`);
  return { ...change, tags };
}

const MOST_TAGS = 20;
