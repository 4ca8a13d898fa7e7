import { expect, test } from "bun:test";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ownFolder } from "../../tests/cast/folder.ts";
import { quiet } from "../kernel/log.ts";
import { openPresence } from "./presence.ts";

const folder = ownFolder("presence");
const endpointFile = join(folder, "run", "endpoint");
const controlSocket = join(folder, "run", "control.sock");
const told: string[] = [];

/** Stands for the socket: a file that comes and goes with it. */
function openControl() {
  writeFileSync(controlSocket, "");
  told.push("opened");
  return { close: () => void told.push("closed") };
}

test("what others find us by is put back when the runtime folder is emptied, and left alone while it is there", async () => {
  await Bun.write(endpointFile, "");
  const options = { endpointFile, controlSocket, openControl, url: "http://0.0.0.0:8080", log: quiet, now: Date.now };
  const presence = openPresence(options);
  expect(readFileSync(endpointFile, "utf8")).toBe("http://127.0.0.1:8080\n");
  await presence.loop.runOnce();
  expect(told).toEqual(["opened"]);
  rmSync(join(folder, "run"), { recursive: true });
  await presence.loop.runOnce();
  expect(readFileSync(endpointFile, "utf8")).toBe("http://127.0.0.1:8080\n");
  expect(existsSync(controlSocket)).toBe(true);
  expect(told).toEqual(["opened", "closed", "opened"]);
  rmSync(endpointFile);
  await presence.loop.runOnce();
  expect([existsSync(endpointFile), told.length]).toEqual([true, 3]);
  presence.close();
  expect(told.at(-1)).toBe("closed");
});
