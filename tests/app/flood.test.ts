/** A program that prints as fast as its terminal takes it: the disk keeps its cap, and whoever looks gets no more than can be read. */

import { expect, test } from "bun:test";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { openHouse } from "../cast/house.ts";
import { until } from "../cast/until.ts";

const CAP = 4 * 1024 * 1024;
const house = await openHouse({ outputMaxBytes: String(CAP) });

test("its files stay near their cap, and a follower gets at most forty lines at a time, with word of the rest", async () => {
  const template = ["sh", "-c", "exec yes 'sent to +998901234567, code 482913, gateway answered in 12 ms'"];
  await house.api("POST", "/api/programs", { name: "flood", template, folder: "/tmp" });
  await house.api("POST", "/api/pairs", { country: "UZ", operator: "uzmobile", programs: ["flood"] });
  const id = (await house.api("GET", "/api/sessions/flood_UZ_uzmobile")).json.id as string;
  const folder = join(house.folder, "data", "output", id);
  const earlier = await until("it is cut for the first time", () => {
    const file = (existsSync(folder) ? readdirSync(folder) : []).find((name) => name.endsWith(".earlier.log"));
    return file ? join(folder, file) : null;
  });

  const told: string[][] = [];
  const leave = house.app.services.fleet.follow(id, (lines) => told.push(lines));
  const cuts = new Set<number>();
  let most = 0;
  await until(
    "it was cut ten times more, and followed",
    () => {
      cuts.add(statSync(earlier).mtimeMs);
      most = Math.max(most, ...readdirSync(folder).map((name) => statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0));
      return cuts.size > 10 && told.length > 10;
    },
    25_000,
  );
  leave();

  // A terminal of this machine's takes 20 MB a second; four cuts are made in it.
  expect(most).toBeLessThan(CAP / 2 + 20 * 1024 * 1024);
  expect(told.flat().some((line) => /^⋯ [\d.,]+ (MB|lines) skipped ⋯$/.test(line))).toBe(true);
  for (const lines of told) expect(lines.filter((line) => !line.startsWith("⋯")).length).toBeLessThanOrEqual(40);
  expect(told.flat().filter((line) => line.includes("901234567") || line.includes("482913"))).toEqual([]);
}, 60_000);
