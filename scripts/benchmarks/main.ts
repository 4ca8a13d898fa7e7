/** `scripts/bench`: runs the cases one after the other, says what it is doing, prints the table. Exit 0 when all ran, met or not; 1 when one failed. */

import { parseArgs } from "node:util";
import type { Case, Row } from "./case.ts";
import { cases } from "./cases.ts";
import { buildSignalbox } from "./signalbox.ts";
import { openStage, type Stage } from "./stage.ts";
import { table } from "./table.ts";

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    list: { type: "boolean", default: false },
    case: { type: "string", multiple: true },
    "no-build": { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

let stage: Stage | null = null;
let stopping = false;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stop(signal === "SIGINT" ? 130 : 143));

if (values.help) {
  console.log("usage: scripts/bench [--list] [--case NAME]... [--json] [--no-build]");
  process.exit(0);
}
if (values.list) {
  for (const { name, summary } of cases) console.log(`${name.padEnd(16)} ${summary}`);
  process.exit(0);
}
process.exit(await main(chosen(values.case)));

async function main(chosen: readonly Case[]): Promise<number> {
  const startedAt = performance.now();
  const rows: (Row & { case: string })[] = [];
  const failures: string[] = [];
  if (!values["no-build"]) await onStage("build", (stage) => buildSignalbox(stage), failures);
  for (const [index, one] of chosen.entries()) {
    if (failures[0]?.startsWith("build:")) break;
    say(`[${index + 1}/${chosen.length}] ${one.name}: ${one.summary}`);
    const measured = await onStage(one.name, (stage) => one.run(stage), failures);
    for (const row of measured ?? []) rows.push({ case: one.name, ...row });
  }
  const seconds = (performance.now() - startedAt) / 1000;
  if (values.json) console.log(JSON.stringify({ seconds, rows, failures }, null, 2));
  else console.log(`\n${table(rows)}\n\n${rows.length} figures in ${seconds.toFixed(0)} s`);
  for (const failure of failures) say(`FAILED ${failure}`);
  return failures.length > 0 ? 1 : 0;
}

async function onStage<T>(name: string, play: (stage: Stage) => Promise<T>, failures: string[]): Promise<T | null> {
  const own = openStage(name, (text) => say(`  ${text}`));
  stage = own;
  try {
    return await play(own);
  } catch (error) {
    // What fails because it is being stopped is no failure; the process ends when all is cleared.
    if (stopping) await new Promise(() => {});
    failures.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    return null;
  } finally {
    await own.clear();
    stage = null;
  }
}

function chosen(names: readonly string[] | undefined): readonly Case[] {
  if (!names) return cases;
  const unknown = names.filter((name) => !cases.some((one) => one.name === name));
  if (unknown.length === 0) return cases.filter((one) => names.includes(one.name));
  say(`there is no case ${unknown.join(", ")}; --list names them`);
  process.exit(2);
}

async function stop(code: number): Promise<void> {
  if (stopping) return;
  stopping = true;
  say("stopping what was started");
  await stage?.clear();
  process.exit(code);
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
