/** Which gateway a pair named when a message was submitted: all that is told of the message counts for that one, unless it names its own. */

import type { Database } from "bun:sqlite";

/** What pairs name now, where it is another than before. What came before the first note was submitted under what that note says. */
export function notePairs(db: Database, ofPairs: Readonly<Record<string, string>>, now: number): void {
  const known = new Map(db.query("SELECT pair, gateway, max(since) FROM gateway_of_pairs GROUP BY pair").values() as [string, string][]);
  const note = db.query("INSERT OR REPLACE INTO gateway_of_pairs (pair, since, gateway) VALUES (?, ?, ?)");
  const since = known.size === 0 ? 0 : now;
  if (known.size === 0) note.run("", 0, ""); // what names none yet is noted with the first that it names
  for (const [pair, gateway] of Object.entries(ofPairs)) if ((known.get(pair) ?? "") !== gateway) note.run(pair, since, gateway);
  for (const [pair, gateway] of known) if (gateway !== "" && ofPairs[pair] === undefined) note.run(pair, now, "");
}

export type NamedBy = (pair: string, at: number) => string;

/** `""`: none. */
export function pairsNamed(db: Database): NamedBy {
  const known = new Map<string, { since: number; gateway: string }[]>();
  const notes = db.query("SELECT since, gateway FROM gateway_of_pairs WHERE pair = ? ORDER BY since");
  return (pair, at) => {
    const all = known.getOrInsertComputed(pair, () => notes.all(pair) as { since: number; gateway: string }[]);
    return all.findLast(({ since }) => since <= at)?.gateway ?? "";
  };
}
