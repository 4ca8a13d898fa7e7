/** What would change on a pair, in the words of its form. */

import type { FieldChange } from "../../src/pairs/differences.ts";
import { texts } from "../texts.ts";

const words = texts.pair;

export function PairName({ id }: { id: string }) {
  return <a href={`/pairs/${id}`}>{id}</a>;
}

export function Changes({ changes }: { changes: readonly FieldChange[] }) {
  return (
    <span class="changes">
      {changes.map(({ field, from, to }, i) => (
        <>
          <span class="part">
            <span class="quiet">{fieldWord(field)}</span> {words.import.was(worded(field, from), worded(field, to))}
            {i < changes.length - 1 && ","}
          </span>{" "}
        </>
      ))}
    </span>
  );
}

const WORDS: Record<string, string> = {
  country: words.country,
  operator: words.operator,
  operator_name: words.operatorName,
  mccmnc: words.mccmnc,
  weight: words.weight,
  threshold: words.threshold,
  limit: words.limit,
  window_seconds: words.window,
  gateway: words.gateway,
  active: words.columns.active,
  priority: words.prioritySection,
  tags: words.tags,
};

/** `mccmnc[0]` is a MCC+MNC too. */
export function fieldWord(field: string): string {
  return WORDS[field.replace(/\[.*$/, "")] ?? field;
}

function worded(field: string, value: unknown): string {
  if (value === null || value === "") return words.nothingText;
  if (Array.isArray(value)) return value.length === 0 ? words.nothingText : value.join(" ");
  if (typeof value === "boolean") return value ? texts.yes : texts.no;
  if (field === "threshold" && typeof value === "number") return String(Math.round(value * 1e8) / 1e6);
  return String(value);
}
