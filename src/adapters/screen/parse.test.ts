import { describe, expect, test } from "bun:test";
import { parseChild, parseExit, parseKeeper, parseScreenList, parseSocketName, screenComplaint } from "./parse.ts";

const boot = "9430f8ee-44db-437c-9a5c-c81ef4407ca9";

describe("the shim's files", () => {
  test("keeper: pid, start ticks, its screen, the boot", () => {
    expect(parseKeeper(`10804 165706 10802.program1_UZ_uzmobile ${boot}\n`)).toEqual({
      pid: 10804,
      startTicks: 165706,
      screenPid: 10802,
      bootId: boot,
    });
    expect(parseKeeper(`10804 165706  ${boot}\n`)?.screenPid).toBeNull();
  });
  test("child: its pid", () => expect(parseChild("10807\n")).toEqual({ pid: 10807, startTicks: null }));
  test("child of an older shim: pid and start ticks", () =>
    expect(parseChild("10807 165707\n")).toEqual({ pid: 10807, startTicks: 165707 }));
  test("exit: the code", () => expect(parseExit("137\n")).toBe(137));
  for (const half of ["", "1", "10807 1657", "10804 165706 10802.x 9430f8ee", "abc\n", "-1\n", "1 2 3\n"])
    test(`half a file is no file: ${JSON.stringify(half)}`, () =>
      expect([parseKeeper(half), parseChild(half), parseExit(half)]).toEqual([null, null, null]));
});

/** As a server with long names prints it: the columns wrapped, names with spaces. */
const WRAPPED = [
  "There are screens on:",
  "        3248817.program1 IN vi (10/20/2024 12:11:58 PM)",
  "                                                                 (Detached)",
  "        3245451.program2 AZ azercell",
  "                                        (10/20/2024 12:06:29 PM)",
  "                                                                         (Detached)",
  "        3245330.program1_AZ_azercell",
  "                                        (10/20/2024 12:06:27 PM)",
  "                                                                         (Attached)",
  "        77.a.b (c)\t(20/11/26 17:40:01)\t(Multi, detached)\r",
  "        78.plain\t(Dead ???)\r",
  "Remove dead screens with 'screen -wipe'.",
  "15 Sockets in /run/screen/S-root.",
].join("\n");

test("screen -ls, wrapped or not, with or without times", () => {
  expect(parseScreenList(WRAPPED)).toEqual([
    { pid: 3248817, name: "program1 IN vi", state: "Detached" },
    { pid: 3245451, name: "program2 AZ azercell", state: "Detached" },
    { pid: 3245330, name: "program1_AZ_azercell", state: "Attached" },
    { pid: 77, name: "a.b (c)", state: "Multi, detached" },
    { pid: 78, name: "plain", state: "Dead ???" },
  ]);
  expect(parseScreenList("No Sockets found in /run/screen/S-root.\n\n")).toEqual([]);
});

test("a socket's file name", () => {
  expect(parseSocketName("3248817.program1 IN vi")).toEqual({ pid: 3248817, name: "program1 IN vi" });
  expect(parseSocketName("lost+found")).toBeNull();
});

test("what screen complains about is its first line", () => {
  expect(screenComplaint("Directory '/x' must have mode 700.\r\nmore")).toBe("Directory '/x' must have mode 700.");
});
