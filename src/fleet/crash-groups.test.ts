import { describe, expect, test } from "bun:test";
import { newPair } from "../pairs/input.ts";
import { createPair } from "../pairs/pair.ts";
import { crashGroups, normalised, signatureOf } from "./crash-groups.ts";
import type { SessionStatus } from "./fleet.ts";
import type { Candidate } from "./selection.ts";

const refused = (host: string, line = 88) => [
  "12:00:01 sending",
  "Traceback (most recent call last):",
  '  File "/srv/sms/program1.py", line 12, in <module>',
  "    main()",
  `  File "/srv/sms/gateway.py", line ${line}, in connect`,
  "    sock.connect(address)",
  `ConnectionRefusedError: [Errno 111] Connection refused by ${host}`,
];

describe("a signature", () => {
  test("names the error and the innermost frame of a Python traceback", () => {
    expect(signatureOf(refused("10.0.0.1:8080"))).toMatchObject({
      title: "ConnectionRefusedError: [Errno 111] Connection refused by 10.0.0.1:8080",
      where: "gateway.py:88 in connect",
    });
  });
  test("names the error and the first frame of a JavaScript one", () => {
    const lines = ["TypeError: fetch failed", "    at send (/srv/sms/send.js:14:7)", "    at main (/srv/sms/send.js:2:1)"];
    expect(signatureOf(lines)).toMatchObject({ title: "TypeError: fetch failed", where: "send.js:14 in send" });
  });
  test("takes the last error when one was raised while another was handled", () => {
    const lines = [
      ...refused("a.example"),
      "",
      "During handling of the above exception, another exception occurred:",
      "",
      "Traceback (most recent call last):",
      '  File "/srv/sms/program1.py", line 30, in main',
      "    raise",
      "requests.exceptions.Timeout: gave up",
    ];
    expect(signatureOf(lines)).toMatchObject({ title: "requests.exceptions.Timeout: gave up", where: "program1.py:30 in main" });
  });
  test("falls back to the last line that says anything, and to nothing", () => {
    expect(signatureOf(["starting", "login refused", "", "  "])).toEqual({ key: "login refused", title: "login refused", where: null });
    expect(signatureOf([])).toEqual({ key: "", title: null, where: null });
  });

  const same: [string, string, string][] = [
    ["addresses and ports", "refused by 10.0.0.1:8080", "refused by 192.168.1.77:9000"],
    ["host names", "no route to gw1.example.com:2775", "no route to gw22.example.org"],
    ["numbers", "attempt 3 of 10 took 1.5 s", "attempt 7 of 10 took 30 s"],
    ["ids", "message 0mg3-1f00aa99bb77 lost", "message 0mg3-77aa00ff11cc lost"],
    ["masked phone numbers", "to +99890••••67 failed", "to +38050••••11 failed"],
    ["memory addresses", "<Socket object at 0x7f1a2b>", "<Socket object at 0x55dd00>"],
  ];
  for (const [what, a, b] of same) test(`is the same for different ${what}`, () => expect(normalised(a, [])).toBe(normalised(b, [])));

  test("is another for another line of code and for another error", () => {
    expect(signatureOf(refused("h", 88)).key).not.toBe(signatureOf(refused("h", 91)).key);
    expect(signatureOf(["ValueError: x"]).key).not.toBe(signatureOf(["KeyError: x"]).key);
  });
});

function fallen(id: string, lines: string[], status: Partial<SessionStatus> = {}): Candidate {
  const pair = createPair(newPair.parse({ country: id.slice(0, 2), operator: id.slice(3) }), 0);
  const desired = { state: "up" as const, by: "anna", reason: null, at: 0, until: null };
  const name = `program1_${id}`;
  return {
    session: { id: `s_${id}`, node: "here", name, program: "program1", pairs: [id], desired, retiredAt: null, version: 1, createdAt: 0 },
    pairs: [pair],
    status: {
      state: "backoff",
      exit: { code: 1, words: "exit code 1", at: 100 },
      lastLines: lines,
      restarts: 2,
      nextTryAt: 500,
      ...status,
    } as SessionStatus,
  };
}

describe("groups", () => {
  test("hold the sessions that ended for the same reason, the largest first", () => {
    const groups = crashGroups([
      fallen("UZ_uzmobile", ["cannot log in UZ_uzmobile: 401"]),
      fallen("AZ_azercell", refused("10.0.0.1:80"), { exit: { code: 1, words: "exit code 1", at: 300 }, nextTryAt: 900 }),
      fallen("IN_airtel", refused("10.0.0.2:80"), { state: "crashed", nextTryAt: null }),
      fallen("IN_vi", refused("10.0.0.3:80"), { failingSince: 40 }),
      fallen("BR_vivo", [], { state: "running", exit: null }),
    ]);
    expect(groups.map(({ title, sessions }) => [title, sessions.length])).toEqual([
      ["ConnectionRefusedError: [Errno 111] Connection refused by 10.0.0.1:80", 3],
      ["cannot log in UZ_uzmobile: 401", 1],
    ]);
    expect(groups[0]).toMatchObject({ where: "gateway.py:88 in connect", firstAt: 40, lastAt: 300, restarts: 6, nextTryAt: 500 });
    expect(groups[0]!.sessions[0]!.name).toBe("program1_IN_airtel");
    expect(groups[0]!.example).toEqual({ session: "program1_AZ_azercell", lines: refused("10.0.0.1:80") });
  });
  test("look through the pair's own name in the message", () => {
    expect(
      crashGroups([fallen("UZ_uzmobile", ["UZ_uzmobile: login refused"]), fallen("IN_airtel", ["IN_airtel: login refused"])]),
    ).toHaveLength(1);
  });
  test("keep apart what ended with another exit", () => {
    const killed = { exit: { code: 137, words: "killed by signal 9 (KILL)", at: 1 } };
    const groups = crashGroups([fallen("UZ_uzmobile", []), fallen("IN_airtel", [], killed)]);
    expect(groups.map(({ title }) => title).sort()).toEqual(["exit code 1", "killed by signal 9 (KILL)"]);
  });
});
