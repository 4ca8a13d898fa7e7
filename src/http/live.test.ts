import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { until } from "../../tests/cast/until.ts";
import { fakeClock } from "../kernel/clock.ts";
import type { Source } from "./events.ts";
import { liveSource, type Part } from "./live.ts";

const clock = fakeClock();
let values: Record<string, { shell: string; lamp: string }>;
let drawings: string[];
let messages: string[];
let nudge: () => void;
let stop: () => void;
let source: Source;

function parts(): Part[] {
  return Object.entries(values).map(([id, { shell, lamp }]) => ({
    id: `line-${id}`,
    group: "lines",
    key: shell,
    draw: () => {
      drawings.push(`line-${id}`);
      return `<p>${shell} ${lamp}</p>`;
    },
    data: () => ({ shell }),
    parts: [{ id: `lamp-${id}`, key: lamp, draw: () => `<i>${lamp}</i>`, data: () => lamp }],
  }));
}

beforeEach(() => {
  values = { UZ: { shell: "a", lamp: "on" }, IN: { shell: "b", lamp: "on" } };
  drawings = [];
  messages = [];
  source = liveSource({
    parts,
    groups: ["lines"],
    everyMs: 60_000,
    now: clock.now,
    urgent: (given) => {
      nudge = given;
      return () => {};
    },
  });
  stop = source.start((message) => messages.push(message.html(), message.json()));
  clock.advance(1000);
});
afterEach(() => stop());

async function changed(): Promise<string> {
  const before = messages.length;
  nudge();
  await until("a message", () => messages.length > before);
  return messages[before]!;
}

describe("live parts", () => {
  test("the whole is every group with its members", () => {
    expect(source.snapshot("html")).toBe('<template data-part="lines" data-how="members"><p>a on</p><p>b on</p></template>');
    expect(JSON.parse(source.snapshot("json"))).toMatchObject({ kind: "snapshot", parts: { "line-UZ": { shell: "a" }, "lamp-UZ": "on" } });
  });

  test("what changed inside is sent alone", async () => {
    values.UZ!.lamp = "off";
    expect(await changed()).toBe('<template data-part="lamp-UZ" data-how="steady"><i>off</i></template>');
    expect(JSON.parse(messages[1]!)).toEqual({ kind: "change", at: clock.now(), parts: { "lamp-UZ": "off" } });
  });

  test("what changed itself is sent with all inside it, once", async () => {
    values.UZ = { shell: "c", lamp: "off" };
    expect(await changed()).toBe('<template data-part="line-UZ" data-how="steady"><p>c off</p></template>');
  });

  test("a part that came or went brings its whole group", async () => {
    values = { UZ: values.UZ!, PL: { shell: "p", lamp: "on" } };
    expect(await changed()).toBe('<template data-part="lines" data-how="members"><p>a on</p><p>p on</p></template>');
    expect(JSON.parse(messages[1]!)).toMatchObject({ gone: ["line-IN", "lamp-IN"] });
  });

  test("the last one that went leaves an empty group", async () => {
    values = {};
    await changed().catch(() => {});
    expect(source.snapshot("html")).toBe('<template data-part="lines" data-how="members"></template>');
  });

  test("nothing changed, nothing said; a drawing is kept for the next reader", () => {
    source.snapshot("html");
    source.snapshot("html");
    expect(drawings).toEqual(["line-UZ", "line-IN"]);
    values.IN!.lamp = "off";
    expect(source.snapshot("html")).toContain("b off");
    expect(drawings).toEqual(["line-UZ", "line-IN", "line-IN"]);
  });

  test("a storm of nudges is one message", async () => {
    values.UZ!.lamp = "off";
    for (let i = 0; i < 50; i++) nudge();
    await until("a message", () => messages.length > 0);
    values.UZ!.lamp = "on";
    expect(await changed()).toContain("<i>on</i>");
    expect(messages.length).toBe(4);
  });
});

test("an operator and a viewer who read the same page are both told every change", async () => {
  let value = "a";
  const source = liveSource({
    parts: () => [{ id: "figures", key: value, draw: () => value, data: () => value }],
    everyMs: 5,
    now: clock.now,
  });
  const heard: string[][] = [[], []];
  const stops = heard.map((own) => source.start((message) => own.push(message.html())));
  for (value of ["b", "c", "d"]) await until(`both are told ${value}`, () => heard.every((own) => own.at(-1)?.includes(`>${value}<`)));
  for (const stop of stops) stop();
});
