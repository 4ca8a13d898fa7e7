/** From exec of the executable to its first 200 on /readyz, beside a compiled hello-world; then with a million messages in the store. */

import { type Case, ratio } from "../case.ts";
import { median, ms } from "../figures.ts";
import { fillHistory } from "../history.ts";
import { buildHello } from "../peer.ts";
import { serveArguments, startSignalbox } from "../signalbox.ts";
import type { Stage } from "../stage.ts";

const ROUNDS = 9;
const MESSAGES = 1_000_000;

export const start: Case = {
  name: "start",
  summary: "exec to /readyz 200: empty store, and a store of 1,000,000 messages",
  async run(stage) {
    const hello = await buildHello(stage);
    const full = await startSignalbox(stage, { name: "full" });
    stage.say(`posting ${MESSAGES.toLocaleString("en")} messages into a store`);
    await fillHistory(full, MESSAGES);
    await full.stop();

    const took = { hello: [] as number[], empty: [] as number[], full: [] as number[] };
    for (let round = 0; round < ROUNDS; round++) {
      stage.say(`round ${round + 1} of ${ROUNDS}`);
      took.hello.push(await toReady(stage, [hello], "/"));
      took.empty.push(
        await toReady(stage, serveArguments(stage.subfolder(`data-${round}`), stage.subfolder(`screens-${round}`)), "/readyz"),
      );
      took.full.push(await toReady(stage, serveArguments(full.dataDir, full.screenDir), "/readyz"));
    }
    const note = `medians of ${ROUNDS} rounds in turn; slowest ${ms(Math.max(...took.empty))} empty, ${ms(Math.max(...took.full))} full`;
    return [
      ratio("empty store", "ms", median(took.empty), { name: "hello-world", value: median(took.hello) }, { atMost: 7 }, note),
      ratio("1,000,000 messages", "ms", median(took.full), { name: "empty store", value: median(took.empty) }, { atMost: 2 }),
    ];
  },
};

/** ms from exec to the first 200; the port is read from what the program prints, so nothing is asked before it listens. */
async function toReady(stage: Stage, argv: string[], path: string): Promise<number> {
  const from = performance.now();
  const child = Bun.spawn(argv, { cwd: stage.folder, env: process.env, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const undo = () => child.kill("SIGKILL");
  stage.defer(undo);
  const port = await Promise.race([portFrom(child.stdout), portFrom(child.stderr)]);
  for (;;) {
    const status = await fetch(`http://127.0.0.1:${port}${path}`).then(
      (response) => response.status,
      () => 0,
    );
    if (status === 200) break;
    await Bun.sleep(1);
  }
  const took = performance.now() - from;
  child.kill("SIGTERM");
  await child.exited;
  return took;
}

async function portFrom(stream: ReadableStream<Uint8Array>): Promise<number> {
  let text = "";
  for await (const chunk of stream) {
    text += Buffer.from(chunk).toString();
    const found = /127\.0\.0\.1:(\d+)|^listening (\d+)/m.exec(text);
    if (found) return Number(found[1] ?? found[2]);
  }
  // The other stream may still say it.
  return new Promise(() => {});
}
