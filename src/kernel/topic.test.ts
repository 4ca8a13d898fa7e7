import { expect, test } from "bun:test";
import { openTopic } from "./topic.ts";

test("tells every listener in order, and none that left", () => {
  const topic = openTopic<number>();
  const heard: string[] = [];
  const leave = topic.subscribe((value) => heard.push(`a${value}`));
  topic.subscribe((value) => heard.push(`b${value}`));
  topic.publish(1);
  leave();
  topic.publish(2);
  expect(heard).toEqual(["a1", "b1", "b2"]);
  expect(topic.listeners()).toBe(1);
});

test("a listener that throws harms nobody and is told", () => {
  const errors: unknown[] = [];
  const topic = openTopic<number>((error) => errors.push(error));
  const heard: number[] = [];
  topic.subscribe(() => {
    throw new Error("mine");
  });
  topic.subscribe((value) => heard.push(value));
  topic.publish(7);
  expect(heard).toEqual([7]);
  expect(String(errors[0])).toContain("mine");
});
