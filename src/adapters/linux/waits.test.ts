import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { until } from "../../../tests/cast/until.ts";
import { openWaits } from "./waits.ts";

const placeOf = (pid: number) => readFileSync(`/proc/${pid}/wchan`, "utf8");
const openHere = () => readdirSync("/proc/self/fd").length;

/** A process with two threads; the second ends with the first line it is given. */
const THREADS = "import threading, sys; threading.Thread(target=lambda: sys.stdin.readline()).start(); threading.Event().wait()";

test("a place is told of the threads that wait in it, while they do", async () => {
  const sleeper = Bun.spawn(["sleep", "60"]);
  const waits = openWaits();
  const place = await until("it sleeps", () => (/nanosleep/.test(placeOf(sleeper.pid)) ? placeOf(sleeper.pid) : null));
  for (const _ of [1, 2]) {
    expect(waits.threadsIn(sleeper.pid, place)).toEqual([sleeper.pid]);
    expect(waits.threadsIn(sleeper.pid, `${place}_`)).toEqual([]);
    waits.endRound();
  }
  sleeper.kill();
  await sleeper.exited;
  expect(waits.threadsIn(sleeper.pid, place)).toEqual([]);
  waits.close();
});

test("threads that come and go are followed", async () => {
  const waits = openWaits();
  const busy = Bun.spawn(["python3", "-c", THREADS], { stdin: "pipe" });
  const all = () => waits.threadsIn(busy.pid, placeOf(busy.pid));
  await until("both wait, each for something else", () => readdirSync(`/proc/${busy.pid}/task`).length === 2 && all().length === 1);
  busy.stdin.write("\n");
  busy.stdin.flush();
  await until("one is left", () => readdirSync(`/proc/${busy.pid}/task`).length === 1 && all()[0] === busy.pid);
  busy.kill();
  await busy.exited;
  waits.close();
});

test("what is asked for again and again stays open, what is not is closed, and no more than was allowed is kept", () => {
  const sleepers = [1, 2, 3].map(() => Bun.spawn(["sleep", "60"]));
  const before = openHere();
  const waits = openWaits(5);
  for (const { pid } of sleepers) waits.threadsIn(pid, "nowhere");
  expect(openHere() - before).toBe(4);
  waits.endRound();
  waits.threadsIn(sleepers[1]!.pid, "nowhere");
  waits.endRound();
  expect(openHere() - before).toBe(2);
  waits.close();
  expect(openHere()).toBe(before);
  for (const sleeper of sleepers) sleeper.kill();
});
