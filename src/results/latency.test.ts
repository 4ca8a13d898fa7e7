import { expect, test } from "bun:test";
import { mergeLatencies, openLatencies } from "./latency.ts";

const HOUR = 3_600_000;

test("knows nothing before the first receipt", () => {
  expect(openLatencies().percentiles(0)).toBeNull();
});

test("tells percentiles by nearest rank", () => {
  const latencies = openLatencies();
  for (let ms = 100; ms >= 1; ms--) latencies.push(ms, 0, 101 - ms);
  expect(latencies.percentiles(0)).toEqual({ p50Ms: 50, p90Ms: 90, p99Ms: 99, n: 100 });
});

test("keeps the last 500, and of them those of the last day", () => {
  const latencies = openLatencies();
  for (let i = 0; i < 700; i++) latencies.push(i, i < 400 ? 0 : 2 * HOUR, i);
  expect(latencies.percentiles(3 * HOUR)).toMatchObject({ n: 500, p99Ms: 694 });
  expect(latencies.percentiles(25 * HOUR)).toMatchObject({ n: 300 });
  expect(latencies.percentiles(27 * HOUR)).toBeNull();
});

test("comes back from the store as it was, and goes on", () => {
  for (const n of [3, 40, 500, 777]) {
    const one = openLatencies();
    for (let i = 0; i < n; i++) one.push(i, 0, i);
    const other = openLatencies(one.entries());
    for (let i = 0; i < 30; i++) for (const latencies of [one, other]) latencies.push(10_000 + i, 0, n + i);
    expect(other.entries()).toEqual(one.entries());
  }
});

test("merges several into the last 500 of all, in the order they came", () => {
  const parts = [openLatencies(), openLatencies()];
  for (let seq = 0; seq < 900; seq++) parts[seq % 2]!.push(seq, 0, seq);
  const merged = openLatencies(mergeLatencies(parts.map((part) => part.entries())));
  expect(merged.percentiles(0)).toMatchObject({ n: 500 });
  expect([...merged.entries()].filter((_, place) => place % 3 === 2)).toEqual(Array.from({ length: 500 }, (_, i) => 400 + i));
});
