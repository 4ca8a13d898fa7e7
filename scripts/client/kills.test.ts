/**
 * Programs killed by TERM and KILL at random while they report, against the real Signalbox: what report() returned for is counted, once.
 * SIGNALBOX_KILLS=50 for the long form.
 */

import { expect, test } from "bun:test";
import { join } from "node:path";
import { openHouse } from "../../tests/cast/house.ts";
import { until } from "../../tests/cast/until.ts";

const KILLS = Number(process.env.SIGNALBOX_KILLS ?? 6);

const PROGRAM = `
import os, sys
from signalbox import Signalbox
box = Signalbox(pairs="UZ_uzmobile")
n = 0
while True:
    name = "%s-%d" % (sys.argv[1], n)
    if box.report(name, "submitted") and box.report(name, "delivered"):
        os.write(1, (name + "\\n").encode())
    n += 1
`;

test("a program killed at random loses nothing that it reported, and nothing counts twice", async () => {
  const house = await openHouse();
  await house.api("POST", "/api/pairs", { country: "UZ", operator: "uzmobile" });
  await house.api("POST", "/api/programs", { name: "program1", template: ["sleep", "60"], folder: "/" });
  const made = await house.api("POST", "/api/tokens", { name: "kills", program: "program1", scopes: ["permits", "results"] });
  expect(made.status).toBe(201);
  const env = {
    ...process.env,
    PYTHONPATH: import.meta.dir,
    PYTHONDONTWRITEBYTECODE: "1",
    SIGNALBOX_URL: house.url,
    SIGNALBOX_TOKEN: made.json.token,
    SIGNALBOX_SPOOL: join(house.folder, "spool"),
  };

  const returned = new Set<string>();
  let written = 0;
  for (let round = 0; round < KILLS; round++) {
    const program = Bun.spawn(["python3", "-c", PROGRAM, `r${round}`], { env, stdout: "pipe", stderr: "ignore" });
    // Another instant in each round: the number of lines is the signal, the kill falls wherever the program is by then.
    const enough = 1 + ((round * 37) % 23) * 40;
    let text = "";
    let killed = false;
    for await (const chunk of program.stdout.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      if (killed || text.split("\n").length <= enough) continue;
      program.kill(round % 2 ? "SIGTERM" : "SIGKILL");
      killed = true;
    }
    await program.exited;
    const names = text.split("\n").slice(0, -1);
    for (const name of names) returned.add(name);
    // Of the message it was at when it died, one report or both may be in the spool without having been said.
    written += names.length + 1;
  }

  const flush = Bun.spawn(["python3", join(import.meta.dir, "signalbox.py"), "flush"], { env, stdout: "ignore", stderr: "inherit" });
  expect(await flush.exited).toBe(0);
  const total = async () => (await house.api("GET", "/api/metrics/realtime")).json.fleet.total as Record<string, number>;
  await until("everything is counted", async () => (await total()).delivered! >= returned.size, 20_000);
  const { attempts, sent, delivered } = await total();
  expect(delivered).toBeGreaterThanOrEqual(returned.size);
  expect(attempts).toBeLessThanOrEqual(written);
  expect(sent).toBe(attempts!);
  // Told again, each is a duplicate: it was this very message that was counted.
  const items = [...returned].map((id) => ({ country: "UZ", operator: "uzmobile", message_id: id, state: "delivered" }));
  for (let at = 0; at < items.length; at += 1000) {
    const part = items.slice(at, at + 1000);
    const told = await house.api("POST", "/api/results", part, made.json.token);
    expect(told.json).toMatchObject({ accepted: 0, duplicate: part.length });
  }
}, 180_000);
