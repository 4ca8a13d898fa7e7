import { expect, test } from "bun:test";
import { unavailable } from "../kernel/errors.ts";
import { type Log, quiet } from "../kernel/log.ts";
import type { History, RunStarted } from "./history.ts";
import { openRecorder } from "./recorder.ts";
import type { Terminals } from "./terminals.ts";

const started: RunStarted = {
  run: "r_1",
  session: "s_1",
  program: "program1",
  startedAt: 0,
  startedBy: "anna",
  reason: null,
  bootId: "boot",
};

test("a full disk is said once, however many looks find it, and once more when it is over", async () => {
  let full = true;
  const written: string[] = [];
  const history: Pick<History, "started" | "ended"> = {
    started: async ({ run }) => {
      if (full) throw unavailable("Nothing was stored: the disk is full");
      written.push(run);
    },
    ended: async () => {},
  };
  const said: string[] = [];
  const log: Log = { ...quiet, info: (message) => said.push(message), warn: (message) => said.push(message) };
  const recorder = openRecorder({ history: history as History, terminals: {} as Terminals, log, onLines: () => {} });
  recorder.started(started);
  for (let look = 0; look < 20; look++) await recorder.flush(look);
  expect(said).toEqual(["run history cannot be written yet"]);
  full = false;
  await recorder.flush(20);
  expect(written).toEqual(["r_1"]);
  expect(said).toEqual(["run history cannot be written yet", "run history is written again"]);
});
