/** `signalbox logs`: what a session's program wrote, masked; with -f as it writes it. */

import { exactly } from "./arguments.ts";
import type { Client } from "./client.ts";
import { EXIT, type Exit, usage } from "./exit.ts";
import type { Terminal } from "./terminal.ts";
import type { Verb } from "./verb.ts";
import { sessionPath } from "./wish.ts";

const MAX_LINES = 100_000;

export const logs: Verb = {
  name: "logs",
  operands: "<session>",
  summary: "Show what a session's program wrote",
  about:
    "The newest run's last lines, phone numbers masked and control sequences taken out. With -f, new lines as they come, into later runs too.",
  flags: {
    follow: { type: "boolean", short: "f", about: "go on with new lines until Ctrl-C" },
    lines: { type: "string", short: "n", value: "<number>", about: "so many last lines; 100 unless told" },
    run: { type: "string", value: "<run>", about: "of an earlier run" },
    search: { type: "string", value: "<text>", about: "only lines that hold this text" },
    runs: { type: "boolean", about: "which runs' output is kept, newest first" },
  },
  examples: ["signalbox logs program1_UZ_uzmobile -f", "signalbox logs program1_UZ_uzmobile -n 1000 --search error"],
  async run({ operands, flags, json, terminal, client }) {
    exactly(logs, operands, 1);
    const path = sessionPath(operands[0]!);
    if (flags.runs === true) return listRuns(client(), path, json, terminal);
    if (flags.follow === true && typeof flags.run === "string") throw usage("--follow goes on with the newest run: leave --run away");
    const query = new URLSearchParams({ tail: String(count(flags.lines)) });
    if (typeof flags.run === "string") query.set("run", flags.run);
    if (typeof flags.search === "string") query.set("search", flags.search);
    const say = (line: string) => terminal.say(json ? JSON.stringify(line) : line);
    const past = () => client().call<{ lines: string[] }>("GET", `${path}/output?${query}`);
    if (flags.follow !== true) for (const line of (await past()).lines) say(line);
    else await follow(client(), operands[0]!, async () => (await past()).lines, typeof flags.search === "string" ? flags.search : "", say);
    return EXIT.ok;
  },
};

interface PastRun {
  run: string;
  started_at: string;
  ended_at: string | null;
  exit_words: string | null;
}

async function listRuns(client: Client, path: string, json: boolean, terminal: Terminal): Promise<Exit> {
  const { runs } = await client.call<{ runs: { run: string; bytes: number }[] }>("GET", `${path}/output/runs`);
  const history = await client.call<{ runs: PastRun[] }>("GET", `${path}/history?limit=1000`);
  const past = new Map(history.runs.map((run) => [run.run, run]));
  const rows = runs.map(({ run, bytes }) => ({ run, bytes, ...past.get(run) }));
  if (json) terminal.say(JSON.stringify(rows));
  else
    for (const { run, bytes, started_at, ended_at, exit_words } of rows)
      terminal.say(
        `${run}  ${started_at ?? "-"}  ${(bytes / 1024 / 1024).toFixed(1).padStart(6)} MB  ${ended_at ? (exit_words ?? "ended") : "runs"}`,
      );
  return EXIT.ok;
}

function count(text: string | boolean | undefined): number {
  if (text === undefined) return 100;
  const lines = Number(text);
  if (!Number.isInteger(lines) || lines < 0 || lines > MAX_LINES) throw usage(`--lines must be a whole number from 0 to ${MAX_LINES}`);
  return lines;
}

/** Listens first and asks for the past then, so that no line falls between the two; lines that are in both are said once. */
async function follow(
  client: Client,
  session: string,
  past: () => Promise<string[]>,
  search: string,
  say: (line: string) => void,
): Promise<void> {
  let early: string[] | null = [];
  const hear = (lines: string[]) => {
    const wanted = lines.filter((line) => line.toLowerCase().includes(search.toLowerCase()));
    if (early) early.push(...wanted);
    else for (const line of wanted) say(line);
  };
  const following = client.follow(`/events?format=json&topics=${encodeURIComponent(`session:${session}`)}`, outputOf(hear));
  following.catch(() => {}); // a refusal is told below, when it is awaited
  for (const line of joined(await past(), early)) say(line);
  early = null;
  await following;
}

/** Reads the output lines out of a stream of events; chunks end anywhere. */
export function outputOf(hear: (lines: string[]) => void): (text: string) => void {
  let rest = "";
  return (text) => {
    const events = (rest + text).split("\n\n");
    rest = events.pop() ?? "";
    for (const event of events) {
      const data = event.split("\n").flatMap((line) => (line.startsWith("data: ") ? [line.slice(6)] : []));
      if (!event.includes("event: session:")) continue;
      const message = JSON.parse(data.join("\n")) as { kind: string; data?: { output?: string[] } };
      // `content` is the tail that was asked for apart.
      if (message.kind === "append" && message.data?.output) hear(message.data.output);
    }
  };
}

/** Two stretches of one output as one: the longest end of the first that the second begins with is said once. */
export function joined(past: readonly string[], next: readonly string[]): string[] {
  for (let n = Math.min(past.length, next.length); n > 0; n--) {
    if (next.slice(0, n).every((line, i) => line === past[past.length - n + i])) return [...past, ...next.slice(n)];
  }
  return [...past, ...next];
}
