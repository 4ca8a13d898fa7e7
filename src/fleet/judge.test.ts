import { describe, expect, test } from "bun:test";
import { dead, down, endedRun, liveRun, NOON, opened, orphaned, policyOf, viewOf, vital } from "../../tests/cast/views.ts";
import { END_DEADLINE_MS, judge, START_DEADLINE_MS, type Verdict, type View } from "./judge.ts";
import type { StopNote } from "./terminals.ts";
import { WELL } from "./vitals.ts";

const time = (ms: number) => new Date(ms).toISOString().slice(11, 19);
const look = (more: Partial<View>, now = NOON) => judge(viewOf(more), now, () => 0.5, time);
const program = (restart: Parameters<typeof policyOf>[0]) => ({ program: { ...viewOf().program, restart: policyOf(restart) } });
const note = (more: Partial<StopNote> = {}): StopNote => ({
  kind: "stop",
  by: "boris",
  reason: "lunch",
  at: NOON,
  killAt: NOON + 10_000,
  ...more,
});

describe("what is seen, and what it needs", () => {
  const cases: [string, Partial<View>, Verdict["state"], string, string | null][] = [
    ["nothing was ever started", {}, "starting", "waits for its turn to start", "start"],
    ["a start is on its way", { opening: true }, "starting", "its screen is being opened", null],
    ["its screen is open", { run: liveRun(opened) }, "starting", "its screen is open, the program not yet seen", null],
    ["its program lives", { run: liveRun() }, "running", "started by anna", null],
    [
      "its program ended, the exit is being written",
      { run: liveRun({ child: dead.child }) },
      "running",
      "its program has ended; the exit code is being written",
      null,
    ],
    [
      "its terminal is gone",
      { run: liveRun(orphaned) },
      "orphan",
      "its terminal is gone; the program goes on without one until it ends or is stopped",
      null,
    ],
    ["an orphan nobody wants", { ...down, run: liveRun(orphaned) }, "stopping", "asked to end by boris: lunch", "stop"],
    ["it lives and is not wanted", { ...down, run: liveRun() }, "stopping", "asked to end by boris: lunch", "stop"],
    [
      "it was asked to end",
      { ...down, run: liveRun({ stop: note() }) },
      "stopping",
      "being stopped by boris: lunch; KILL follows at 12:00:10",
      null,
    ],
    ["it ended and is not wanted", { ...down, past: [endedRun({ outcome: "stopped" })] }, "stopped", "stopped by boris: lunch", null],
    ["it crashed and is not wanted", { ...down, past: [endedRun()] }, "stopped", "stopped by boris: lunch", null],
    ["it crashed", { past: [endedRun()] }, "backoff", "exit code 3; 1st exit in 30 min, next try 12:00:02", null],
    [
      "it was stopped and is wanted again",
      { past: [endedRun({ outcome: "stopped" })] },
      "starting",
      "waits for its turn to start",
      "start",
    ],
    ["it was lost in a reboot", { past: [endedRun({ outcome: "lost", exitCode: null })] }, "lost", "waits for its turn to start", "start"],
    [
      "it was wanted after it crashed",
      { past: [endedRun({ endedAt: NOON - 7_200_000 })] },
      "starting",
      "waits for its turn to start",
      "start",
    ],
    [
      "it finished",
      { past: [endedRun({ outcome: "success", exitCode: 0, exitWords: "exit code 0" })] },
      "stopped",
      "finished with exit code 0; its policy is on-failure",
      null,
    ],
    [
      "Ctrl-C",
      { past: [endedRun({ outcome: "interrupted", exitCode: 130, exitWords: "Ctrl-C" })] },
      "interrupted",
      "Ctrl-C; start it when you want it back",
      null,
    ],
    [
      "somebody asked to try now",
      { past: [endedRun()], intent: { kind: "retry", by: "boris", reason: null, at: NOON } },
      "starting",
      "waits for its turn to start",
      "start",
    ],
    [
      "somebody asked to restart",
      { run: liveRun(), intent: { kind: "restart", by: "boris", reason: null, at: NOON } },
      "running",
      "started by anna",
      "restart",
    ],
  ];
  for (const [what, more, state, why, need] of cases)
    test(what, () => {
      const verdict = look(more);
      expect(verdict).toMatchObject({ state, why });
      expect(verdict.need?.kind ?? null).toBe(need as never);
    });
});

describe("a policy", () => {
  const crashed = [endedRun()];
  const finished = [endedRun({ outcome: "success", exitCode: 0 })];
  const interrupted = [endedRun({ outcome: "interrupted", exitCode: 130 })];
  const cases: [string, Parameters<typeof policyOf>[0], Partial<View>, Verdict["state"]][] = [
    ["always retries a crash", { policy: "always" }, { past: crashed }, "backoff"],
    ["always retries a finish", { policy: "always" }, { past: finished }, "backoff"],
    ["always retries an interruption", { policy: "always" }, { past: interrupted }, "backoff"],
    ["on-failure retries a crash", { policy: "on-failure" }, { past: crashed }, "backoff"],
    ["never rests after a crash", { policy: "never" }, { past: crashed }, "crashed"],
    ["is overruled by high priority after a crash", { policy: "never" }, { ...vital, past: crashed }, "backoff"],
    ["is overruled by high priority after a finish", { policy: "never" }, { ...vital, past: finished }, "backoff"],
    ["is overruled by high priority after an interruption", { policy: "on-failure" }, { ...vital, past: interrupted }, "backoff"],
    ["does not retry 78", {}, { past: [endedRun({ exitCode: 78 })] }, "crashed"],
    ["does not retry 126", {}, { past: [endedRun({ exitCode: 126 })] }, "crashed"],
    ["does not retry 127", {}, { past: [endedRun({ exitCode: 127 })] }, "crashed"],
    ["does not retry 127 even if it is always", { policy: "always" }, { past: [endedRun({ exitCode: 127 })] }, "crashed"],
    ["gives up", { giveUpAfter: 2 }, { past: [endedRun(), endedRun({ run: "r_1b" })] }, "crashed"],
    ["gives up also when it is always", { policy: "always", giveUpAfter: 1 }, { past: crashed }, "crashed"],
    ["never gives up high priority", { giveUpAfter: 1 }, { ...vital, past: crashed }, "backoff"],
  ];
  for (const [what, restart, more, state] of cases) test(what, () => expect(look({ ...program(restart), ...more }).state).toBe(state));

  test("keeps high priority at the cap where it would else give up or a retry cannot help", () => {
    for (const past of [[endedRun(), endedRun({ run: "r_1b" })], [endedRun({ exitCode: 78 })]])
      expect(look({ ...vital, ...program({ giveUpAfter: 2, capMs: 300_000 }), past }).nextTryAt).toBe(NOON + 300_000);
  });
});

describe("deadlines", () => {
  test("a stop that takes too long is killed, and killed again a second later", () => {
    const verdict = look({ ...down, run: liveRun({ stop: note() }) }, NOON + 10_000);
    expect(verdict).toMatchObject({ state: "stopping", need: { kind: "kill" }, dueAt: NOON + 11_000 });
  });

  test("a wall clock that was set back does not stretch a stop or a retry", () => {
    expect(look({ ...down, run: liveRun({ stop: note() }) }, NOON - 3_600_000).need?.kind).toBe("kill");
    expect(look({ past: [endedRun()], desired: { ...viewOf().desired, at: 0 } }, NOON - 3_600_000).need?.kind).toBe("start");
  });

  test("a program that never shows is killed at the deadline", () => {
    expect(look({ run: liveRun(opened) }, NOON + START_DEADLINE_MS - 1).need).toBeNull();
    expect(look({ run: liveRun(opened) }, NOON + START_DEADLINE_MS).need?.kind).toBe("kill");
  });

  test("a terminal that does not tell its program's exit is shown as ending after a second, and closed at the deadline", () => {
    const ended = { run: liveRun({ child: { ...dead.child!, goneAt: NOON } }) };
    expect(look(ended, NOON + 999)).toMatchObject({ state: "running", need: null, dueAt: NOON + 1_000 });
    expect(look(ended, NOON + 1_000)).toMatchObject({ state: "stopping", need: null, dueAt: NOON + END_DEADLINE_MS });
    expect(look(ended, NOON + END_DEADLINE_MS)).toMatchObject({ state: "stopping", need: { kind: "kill" } });
    expect(look(ended, NOON - 3_600_000).need?.kind).toBe("kill");
  });

  test("a wanted session that is still being stopped goes down first and starts then", () => {
    expect(look({ run: liveRun({ stop: note() }) }).state).toBe("stopping");
    expect(look({ past: [endedRun({ outcome: "stopped" })] }).need?.kind).toBe("start");
  });

  const asked = { outcome: "stopped", endedBy: "boris", endReason: "new code" } as const;
  const { desired } = viewOf();
  const began = NOON - 600_000;
  const cases: [string, Partial<View>, { by: string; reason: string | null }][] = [
    [
      "by whoever restarted it, when the intent was forgotten",
      { desired: { ...desired, at: began - 1 } },
      { by: "boris", reason: "new code" },
    ],
    [
      "by whoever wanted it up again before it was down",
      { desired: { ...desired, at: began + 1 }, wanted: { ...viewOf().wanted, by: "anna", reason: "back" } },
      { by: "anna", reason: "back" },
    ],
    [
      "by Signalbox for the wish, when it was ended for something else than a wish",
      { past: [endedRun({ ...asked, endedBy: "signalbox", startedAt: began })], desired: { ...desired, at: began - 1 } },
      { by: "signalbox", reason: "wanted up by anna" },
    ],
  ];
  for (const [what, more, need] of cases)
    test(`what was ended on request is started again ${what}`, () => {
      expect(look({ past: [endedRun({ ...asked, startedAt: began })], ...more }).need).toMatchObject({ kind: "start", ...need });
    });
});

describe("health", () => {
  const frozen = { since: NOON - 4_000, thawAt: NOON + 6_000 };
  const silent = { minutes: 12, country: "UZ", free: 7, cure: false };
  const heavy = { memoryMb: 812, limitMb: 512 };
  const cases: [string, Partial<View>, Verdict["state"], string, Verdict["need"]][] = [
    [
      "a frozen terminal is told with its thaw",
      { vitals: { ...WELL, frozen } },
      "frozen",
      "its terminal has held it still since 11:59:56; it is thawed at 12:00:06",
      null,
    ],
    ["silence is told", { vitals: { ...WELL, silent } }, "silent", "no message for 12 min although UZ has 7 free slots", null],
    ["frozen says more than silent", { vitals: { ...WELL, frozen, silent } }, "frozen", "its terminal has held it still", null],
    [
      "silence is cured where its policy says so",
      { vitals: { ...WELL, silent: { ...silent, cure: true } } },
      "silent",
      "no message",
      { kind: "cure", by: "signalbox", reason: "no message for 12 min although UZ has 7 free slots" },
    ],
    [
      "silence is only shown of what is never restarted",
      { vitals: { ...WELL, silent: { ...silent, cure: true } }, ...program({ policy: "never" }) },
      "silent",
      "no message",
      null,
    ],
    [
      "too much memory is cured",
      { vitals: { ...WELL, heavy } },
      "running",
      "started by anna",
      { kind: "cure", by: "signalbox", reason: "memory 812 MB over 512 MB" },
    ],
    [
      "a person's restart comes before a cure",
      { vitals: { ...WELL, heavy }, intent: { kind: "restart", by: "boris", reason: null, at: NOON } },
      "running",
      "started by anna",
      { kind: "restart", by: "boris", reason: null },
    ],
    [
      "a run older than its schedule is due",
      { scheduledAt: NOON + 1 },
      "running",
      "started by anna",
      { kind: "scheduled", by: "signalbox", reason: "scheduled" },
    ],
    ["a run younger than its schedule is not", { scheduledAt: NOON }, "running", "started by anna", null],
  ];
  for (const [what, more, state, why, need] of cases)
    test(what, () => {
      const verdict = look({ run: liveRun(), ...more });
      expect(verdict).toMatchObject({ state, why: expect.stringContaining(why) });
      expect(verdict.need).toEqual(need);
    });

  test("what was ended for its health waits its delay and is counted, whatever its code", () => {
    const past = [endedRun({ outcome: "unhealthy", exitCode: 127, exitWords: "memory 812 MB over 512 MB" })];
    expect(look({ past })).toMatchObject({ state: "backoff", why: "memory 812 MB over 512 MB; 1st exit in 30 min, next try 12:00:02" });
  });

  test("what was given up rests, until there is another run, a newer wish or high priority", () => {
    const past = [endedRun({ run: "r_1" })];
    const surrender = { run: "r_1", by: "boris" };
    expect(look({ past, surrender })).toMatchObject({
      state: "crashed",
      why: "exit code 3; given up by boris",
      need: null,
      nextTryAt: null,
    });
    expect(look({ past: [...past, endedRun({ run: "r_2" })], surrender }).state).toBe("backoff");
    expect(look({ past, surrender, ...vital }).state).toBe("backoff");
    expect(look({ past, surrender, intent: { kind: "retry", by: "anna", reason: null, at: NOON } }).need?.kind).toBe("start");
  });
});
