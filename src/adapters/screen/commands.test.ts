import { expect, test } from "bun:test";
import { ownScreens } from "../../../tests/cast/screens.ts";
import { environmentFor, type Layout, lockFilesOf, startCommand } from "./commands.ts";

const layout: Layout = { shim: "/lib/signalbox-run", screenrc: "/lib/screenrc", runtimeFolder: "/run/box", dataFolder: "/data/100% own" };
const { order } = ownScreens("commands");
const pairs = [
  { id: "UZ_uzmobile", country: "UZ", operator: "uzmobile" },
  { id: "AZ_azercell", country: "AZ", operator: "azercell" },
];
const asked = order(["python3", "my program.py", "; rm -rf /", "$(id)", "{country}"], {
  run: "r_1",
  session: "s_1",
  name: "program1_UZ_uzmobile",
  pairs,
});

test("a start is one argument array: locks in sorted order, the child step, then the program's own arguments untouched", () => {
  expect(startCommand(layout, asked, null)).toEqual([
    "screen",
    ...["-c", "/lib/screenrc"],
    ...["-L", "-Logfile", "/data/100%% own/output/s_1/r_1.log"],
    ...["-dmS", "program1_UZ_uzmobile"],
    ...["/lib/signalbox-run", "/run/box/sessions/s_1/r_1"],
    ...["flock", "--nonblock", "--no-fork", "--conflict-exit-code", "75", "/run/box/locks/program1.AZ_azercell.lock"],
    ...["flock", "--nonblock", "--no-fork", "--conflict-exit-code", "75", "/run/box/locks/program1.UZ_uzmobile.lock"],
    ...["/lib/signalbox-run", "--child", "/run/box/sessions/s_1/r_1"],
    ...["python3", "my program.py", "; rm -rf /", "$(id)", "{country}"],
  ]);
});

test("another user is taken on after the locks, right before the program", () => {
  expect(startCommand(layout, asked, { uid: 1001, gid: 1002 }).join(" ")).toContain(
    "--child /run/box/sessions/s_1/r_1 setpriv --reuid=1001 --regid=1002 --init-groups -- python3",
  );
});

test("a pair named twice is locked once", () => {
  expect(lockFilesOf(layout, "p", [...pairs, ...pairs])).toHaveLength(2);
});

test("a program's settings reach it, but cannot pass for another session, and nothing of ours leaks", () => {
  const files = { tokenFile: "/t", endpointFile: "/e", spoolFolder: "/s", clientFile: "/c", screenFolder: null };
  const environment = environmentFor(
    { ...asked, environment: { GATEWAY: "x", SIGNALBOX_SESSION: "s_other", LANG: "C" } },
    files,
    { PATH: "/bin", LANG: "en", SIGNALBOX_JWT_SECRET: "secret", STY: "1.outer" },
    { name: "sms", home: "/home/sms" },
  );
  expect(environment).toEqual({
    PATH: "/bin",
    LANG: "C",
    HOME: "/home/sms",
    USER: "sms",
    LOGNAME: "sms",
    PYTHONUNBUFFERED: "1",
    GATEWAY: "x",
    SIGNALBOX_RUN: "r_1",
    SIGNALBOX_SESSION: "s_1",
    SIGNALBOX_SESSION_NAME: "program1_UZ_uzmobile",
    SIGNALBOX_PAIRS: JSON.stringify(pairs),
    SIGNALBOX_ENDPOINT_FILE: "/e",
    SIGNALBOX_TOKEN_FILE: "/t",
    SIGNALBOX_SPOOL: "/s",
    SIGNALBOX_CLIENT: "/c",
  });
});
