/** `signalbox pairs set`: the same change to the named pairs, or to all a selection means; shown first, and confirmed when it is more than one. */

import { EXIT, Failed, usage } from "./exit.ts";
import { confirm } from "./many.ts";
import { numberOr, numberOrNone, wordsOf, yesOrNo } from "./pair-flags.ts";
import type { Call, Flag, Verb } from "./verb.ts";

const SELECTING: Record<string, Flag> = {
  country: { type: "string", value: "<UZ>", about: "all pairs of a country" },
  tag: { type: "string", value: "<tag>", about: "all pairs with this tag" },
  words: { type: "string", value: "<text>", about: "all pairs the words match, as in the filter of the page" },
  all: { type: "boolean", about: "all pairs" },
};

interface Answer {
  batch: string | null;
  hash: string;
  count: number;
  touched: { pair: string; changes: { field: string; from: unknown; to: unknown }[] }[];
  refused: { pair: string; why: string }[];
  unchanged: string[];
}

export const pairsSet: Verb = {
  name: "pairs set",
  operands: "[pair]...",
  summary: "Change pairs: weight, threshold, limit, gateway, tags, active",
  about: [
    "Names pairs, or selects them with flags. What would change is printed; more than one is confirmed by typing their number.",
    "All are changed or none. It takes effect within a second, without a restart of anything.",
  ].join("\n"),
  flags: {
    ...SELECTING,
    weight: { type: "string", value: "<n>", about: "share of the country's budget, 0 to 1000" },
    threshold: { type: "string", value: "<0-1|none>", about: "success rate below which it is degraded; none: the default" },
    limit: { type: "string", value: "<n|none>", about: "own limit inside the country's" },
    window: { type: "string", value: "<seconds|none>", about: "window of the own limit" },
    gateway: { type: "string", value: "<id|none>", about: "the gateway its messages go through, for that one's limit" },
    active: { type: "string", value: "<yes|no>", about: "whether it gets permits" },
    "add-tags": { type: "string", value: "<tags>", about: "with commas" },
    "remove-tags": { type: "string", value: "<tags>", about: "with commas" },
    name: { type: "string", value: "<name>", about: "of one pair: the operator as people write it" },
    mccmnc: { type: "string", value: "<numbers>", about: "of one pair: its networks, with commas" },
    reason: { type: "string", short: "r", value: "<text>", about: "for the audit" },
    yes: { type: "string", value: "<count>", about: "for scripts: how many pairs are expected to change, instead of being asked" },
  },
  examples: ["signalbox pairs set UZ_uzmobile --weight 200 --limit none", "signalbox pairs set --country IN --active no --yes 4"],
  async run(call) {
    const { operands, flags, terminal, json } = call;
    const named = { operator_name: flags.name, mccmnc: wordsOf(flags.mccmnc) };
    if (named.operator_name !== undefined || named.mccmnc !== undefined) return setNames(call, named);
    const order = { filter: filterOf(call), change: changeOf(call), reason: flags.reason };
    const preview = await call.client().call<Answer>("POST", "/api/pairs/edits", { ...order, preview: true });
    if (!json) print(call, preview);
    if (preview.count === 0) {
      if (json) terminal.say(JSON.stringify(preview));
      if (preview.refused.length > 0) return EXIT.refused;
      if (operands.length === 0 && preview.unchanged.length === 0)
        throw new Failed(EXIT.notFound, "Nothing would be changed: no pair is selected by this");
      return operands.length > preview.unchanged.length ? EXIT.notFound : EXIT.ok;
    }
    await confirm(pairsSet, call, preview.count);
    const done = await call.client().call<Answer>("POST", "/api/pairs/edits", { ...order, expected: preview.hash });
    if (!json && done.batch) terminal.note(`  to put it back: signalbox pairs undo ${done.batch}`);
    terminal.say(json ? JSON.stringify(done) : `Changed ${done.count === 1 ? "1 pair" : `${done.count} pairs`}.`);
    return EXIT.ok;
  },
};

/** Names are a pair's own: no two have the same. */
async function setNames({ operands, flags, terminal, json, client }: Call, named: Record<string, unknown>) {
  if (operands.length !== 1) throw usage("--name and --mccmnc are for one pair");
  const others = ["weight", "threshold", "limit", "window", "gateway", "active", "add-tags", "remove-tags"].filter(
    (flag) => flags[flag] !== undefined,
  );
  if (others.length > 0) throw usage(`--name and --mccmnc stand alone: change --${others[0]} with a call of its own`);
  const pair = await client().call<{ id: string }>("PATCH", `/api/pairs/${encodeURIComponent(operands[0]!)}`, named);
  terminal.say(json ? JSON.stringify(pair) : `${pair.id} is changed.`);
  return EXIT.ok;
}

function filterOf({ operands, flags }: Call) {
  const chosen = Object.keys(SELECTING).some((flag) => flags[flag] !== undefined);
  if (chosen === operands.length > 0) throw usage("name pairs, or select them with --country, --tag, --words or --all; one of the two");
  if (operands.length > 0) return { pairs: operands };
  return { country: flags.country, tag: flags.tag, q: flags.words, all: flags.all };
}

function changeOf({ flags }: Call) {
  const change = {
    weight: numberOr(flags, "weight"),
    threshold: numberOrNone(flags, "threshold"),
    limit: numberOrNone(flags, "limit"),
    window_seconds: numberOrNone(flags, "window"),
    gateway: flags.gateway === "none" ? null : flags.gateway,
    active: yesOrNo(flags, "active"),
    add_tags: wordsOf(flags["add-tags"]),
    remove_tags: wordsOf(flags["remove-tags"]),
  };
  if (Object.values(change).every((value) => value === undefined)) throw usage("say what shall change: --weight, --limit, --active ...");
  return change;
}

function print({ terminal, operands }: Call, { touched, refused, unchanged }: Answer): void {
  const worded = (value: unknown) => (value === null ? "none" : Array.isArray(value) ? value.join(" ") || "none" : String(value));
  for (const { pair, changes } of touched)
    terminal.note(`  ${pair}: ${changes.map(({ field, from, to }) => `${field} ${worded(from)} -> ${worded(to)}`).join(", ")}`);
  for (const { pair, why } of refused) terminal.note(`  left out: ${pair}: ${why}`);
  if (unchanged.length > 0) terminal.note(`  ${unchanged.length} of the selection ${unchanged.length === 1 ? "is" : "are"} so already`);
  const seen = new Set([...touched, ...refused].map(({ pair }) => pair).concat(unchanged));
  for (const id of operands) if (!seen.has(id)) terminal.note(`  there is no pair ${id}`);
}
