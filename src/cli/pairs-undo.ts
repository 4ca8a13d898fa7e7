/** `signalbox pairs undo`: puts back what a bulk edit or an import did; without an id lists what can be put back. */

import { EXIT, usage } from "./exit.ts";
import { table } from "./terminal.ts";
import type { Verb } from "./verb.ts";

interface Batch {
  id: string;
  kind: string;
  by: string;
  reason: string | null;
  at: string;
  changed: number;
  created: number;
  retired: number;
  left: number;
  undone_by: string | null;
  pairs: { pair: string; what: string; why: string | null }[];
}

export const pairsUndo: Verb = {
  name: "pairs undo",
  operands: "[id]",
  summary: "Undo a bulk edit or an import of pairs",
  about: [
    "Without an id lists the last ones. A pair that somebody gave another value since, retired, or made high priority is left and named.",
    "What was put back is not undone again.",
  ].join("\n"),
  examples: ["signalbox pairs undo", "signalbox pairs undo b_0mg3k2v8z4f7q2x9"],
  async run({ operands, terminal, json, client }) {
    if (operands.length > 1) throw usage("name one of them");
    const [id] = operands;
    if (id === undefined) {
      const { batches } = await client().call<{ batches: Batch[] }>("GET", "/api/pairs/batches");
      if (json) terminal.say(JSON.stringify(batches));
      else if (batches.length === 0) terminal.note("Nothing was done to many pairs yet.");
      else for (const line of table(["ID", "WHAT", "PAIRS", "BY", "AT", "UNDONE"], batches.map(row))) terminal.say(line);
      return EXIT.ok;
    }
    const done = await client().call<Batch>("POST", `/api/pairs/batches/${encodeURIComponent(id)}/undo`);
    for (const { pair, what, why } of done.pairs) if (what === "left") terminal.note(`  left: ${pair}: ${why}`);
    const n = done.changed + done.retired;
    terminal.say(
      json ? JSON.stringify(done) : `Put back ${n === 1 ? "1 pair" : `${n} pairs`}${done.left > 0 ? `, ${done.left} left` : ""}.`,
    );
    return EXIT.ok;
  },
};

function row({ id, kind, by, at, changed, created, retired, undone_by }: Batch): string[] {
  return [id, kind, String(changed + created + retired), by, at, undone_by === null ? "" : "yes"];
}
