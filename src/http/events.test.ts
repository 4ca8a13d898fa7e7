import { afterEach, describe, expect, test } from "bun:test";
import { until } from "../../tests/cast/until.ts";
import { fakeClock } from "../kernel/clock.ts";
import { type EventHub, openEventHub, type Source } from "./events.ts";

const clock = fakeClock();
let hub: EventHub;

/** A source that is told what to say. */
function told(name: string) {
  let publish: ((message: { html: () => string; json: () => string }) => void) | null = null;
  const source: Source = {
    snapshot: (format) => `${format} whole of ${name}`,
    start(given) {
      publish = given;
      return () => {
        publish = null;
      };
    },
  };
  return {
    source,
    say: (text: string) => publish?.({ html: () => text, json: () => JSON.stringify({ text }) }),
    runs: () => publish !== null,
  };
}

const anybody = { format: "html", acts: true, login: null, endsAt: null } as const;

function house() {
  hub = openEventHub(clock);
  const board = told("board");
  hub.resolve((topic) => (topic === "board" ? board.source : undefined));
  return board;
}

async function read(reader: { read(): Promise<{ done: boolean; value?: Uint8Array | undefined }> }): Promise<string | null> {
  const { done, value } = await reader.read();
  return done ? null : new TextDecoder().decode(value);
}

afterEach(() => hub.closeAll());

describe("the stream", () => {
  test("gives the whole first, then what changes", async () => {
    const board = house();
    const reader = hub.open(["board"], anybody).getReader();
    const first = await read(reader);
    expect(first).toContain("retry: 1000\n");
    expect(first).toContain("event: board\ndata: html whole of board\n\n");
    board.say("line 1\nline 2");
    expect(await read(reader)).toBe("event: board\ndata: line 1\ndata: line 2\n\n");
  });

  test("speaks JSON to programs", async () => {
    const board = house();
    const reader = hub.open(["board"], { ...anybody, format: "json" }).getReader();
    expect(await read(reader)).toContain("data: json whole of board");
    board.say("x");
    expect(await read(reader)).toBe('event: board\ndata: {"text":"x"}\n\n');
  });

  test("makes one buffer for all its readers", async () => {
    house();
    let made = 0;
    const counting: Source = {
      snapshot: () => "",
      start(publish) {
        const timer = setTimeout(() => publish({ html: () => `${++made}`, json: () => "" }), 5);
        return () => clearTimeout(timer);
      },
    };
    hub.resolve((topic) => (topic === "counting" ? counting : undefined));
    const readers = Array.from({ length: 5 }, () => hub.open(["counting"], anybody).getReader());
    for (const reader of readers) await read(reader);
    for (const reader of readers) expect(await read(reader)).toContain("data: 1");
    expect(made).toBe(1);
  });

  test("works only while somebody reads", async () => {
    const board = house();
    expect(board.runs()).toBe(false);
    const one = hub.open(["board"], anybody).getReader();
    const two = hub.open(["board"], anybody).getReader();
    expect(board.runs()).toBe(true);
    await one.cancel();
    expect(board.runs()).toBe(true);
    await two.cancel();
    expect(board.runs()).toBe(false);
    expect(hub.readers()).toBe(0);
  });

  test("skips a reader that does not read, and gives it the whole when it does again", async () => {
    const board = house();
    const reader = hub.open(["board"], anybody).getReader();
    for (let i = 1; i <= 8; i++) board.say(`change ${i}`);
    const held: string[] = [];
    for (let i = 0; i < 4; i++) held.push((await read(reader)) ?? "");
    expect(held.at(-1)).toContain("change 3");
    board.say("change 9");
    expect(await read(reader)).toContain("whole of board");
    board.say("change 10");
    expect(await read(reader)).toContain("change 10");
  });

  test("drops a reader that never reads, and holds little for it until then", () => {
    const board = house();
    hub.open(["board"], anybody);
    for (let i = 0; i < 100; i++) board.say("x".repeat(100_000));
    expect(hub.readers()).toBe(0);
    expect(board.runs()).toBe(false);
  });

  test("refuses topics nobody knows, and none", () => {
    house();
    expect(() => hub.open(["nonsense"], anybody)).toThrow("There is no topic nonsense");
    expect(() => hub.open([], anybody)).toThrow("1 to 10 topics");
    expect(hub.readers()).toBe(0);
  });

  test("ends with the reader's token", async () => {
    const board = house();
    const reader = hub.open(["board"], { ...anybody, endsAt: clock.now() + 1000 }).getReader();
    await read(reader);
    clock.advance(1001);
    expect(await read(reader)).toBe(null); // at the next heartbeat
    expect(board.runs()).toBe(false);
  }, 15_000);

  test("ends with the reader's logout, and nobody else's", async () => {
    house();
    const anna = hub.open(["board"], { ...anybody, login: "l_1" }).getReader();
    hub.open(["board"], { ...anybody, login: "l_2" });
    await read(anna);
    hub.closeLogin("l_1");
    expect(await read(anna)).toBe(null);
    expect(hub.readers()).toBe(1);
  });

  test("ends for everybody at shutdown; nothing is published after, and nobody new comes in", async () => {
    const board = house();
    const reader = hub.open(["board"], anybody).getReader();
    await read(reader);
    hub.closeAll();
    board.say("too late");
    expect(await read(reader)).toBe(null);
    expect(() => hub.open(["board"], anybody)).toThrow("shutting down");
  });

  test("over HTTP: a stream that stays silent is not cut, and its end frees its reader", async () => {
    house();
    const server = Bun.serve({
      port: 0,
      fetch: (request, self) => {
        self.timeout(request, 0);
        return new Response(hub.open(["board"], anybody), { headers: { "content-type": "text/event-stream" } });
      },
    });
    const abort = new AbortController();
    const response = await fetch(server.url, { signal: abort.signal });
    const reader = response.body!.getReader();
    expect(await read(reader)).toContain("whole of board");
    expect(await read(reader)).toBe(`event: beat\ndata: ${clock.now()}\n\n`);
    abort.abort();
    await until("the reader is gone", () => hub.readers() === 0);
    await server.stop(true);
  }, 15_000);
});
