/** What somebody sees who watches one session while it is restarted: at the terminal with `logs -f`, and on its page. */

import { expect, test } from "bun:test";
import { join } from "node:path";
import { openHouse } from "../cast/house.ts";
import { until } from "../cast/until.ts";

const house = await openHouse();
const MAIN = join(import.meta.dir, "../../src/main.ts");
const NAME = "speaker_UZ_uzmobile";

await house.api("POST", "/api/programs", {
  name: "speaker",
  template: ["sh", "-c", "echo here is $SIGNALBOX_RUN; exec sleep 600"],
  folder: "/tmp",
});
await house.api("POST", "/api/pairs", { country: "UZ", operator: "uzmobile", programs: ["speaker"] });

/** The id of the run that is seen alive, another one than `before`. */
async function runAfter(before: string | null): Promise<string> {
  const seen = await until("another run is alive", async () => {
    const { json } = await house.api("GET", `/api/sessions/${NAME}`);
    return json.state === "running" && json.run !== before ? (json.run as string) : null;
  });
  return seen;
}

test("logs -f shows what the program writes, and goes on into the run after a restart, each line once", async () => {
  const first = await runAfter(null);
  const following = Bun.spawn([process.execPath, MAIN, "logs", NAME, "-f", "--control-socket", house.config.controlSocket], {
    stdout: "pipe",
    stderr: "inherit",
  });
  try {
    let shown = "";
    void gather(following.stdout, (text) => {
      shown += text;
    });
    await until("the past is shown", () => shown.includes(`here is ${first}`));
    await house.api("POST", `/api/sessions/${NAME}/restarts`, {});
    const second = await runAfter(first);
    await until("the next run's line is shown", () => shown.includes(`here is ${second}`));
    expect(shown.split("\n").filter((line) => line.includes("here is"))).toEqual([`here is ${first}`, `here is ${second}`]);
  } finally {
    following.kill();
    await following.exited;
  }
});

test("a page that is opened just after a restart gets the new run into its list of runs", async () => {
  const before = await runAfter(null);
  await house.api("POST", `/api/sessions/${NAME}/restarts`, {});
  const leave = new AbortController();
  const stream = await fetch(`${house.url}/events?format=json&topics=session:${NAME}`, {
    headers: { authorization: `Bearer ${house.viewer}` },
    signal: leave.signal,
  });
  let told = "";
  gather(stream.body!, (text) => {
    told += text;
  }).catch(() => {});
  try {
    const after = await runAfter(before);
    const newest = () => {
      const lists = told
        .split("\n")
        .slice(0, -1)
        .flatMap((line) => {
          if (!line.startsWith("data: {")) return [];
          const { parts } = JSON.parse(line.slice(6)) as { parts?: Record<string, unknown> };
          return Object.entries(parts ?? {}).flatMap(([id, data]) => (id.endsWith("-runs") ? [data as { run: string }[]] : []));
        });
      return lists.at(-1)?.[0]?.run;
    };
    await until("the list begins with the new run", () => newest() === after);
  } finally {
    leave.abort();
  }
});

async function gather(stream: ReadableStream<Uint8Array>, take: (text: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  for await (const bytes of stream) take(decoder.decode(bytes, { stream: true }));
}
