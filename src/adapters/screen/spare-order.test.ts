import { expect, test } from "bun:test";
import { orderText } from "./spare-order.ts";

const order = { folder: "/srv/sms", name: "program1_UZ_uzmobile", command: ["python3", "-u", ""], user: null };
const common = { PATH: "/usr/bin", LANG: "C" };

test("an order is its folders and name, what it has beside what all have, and its words", () => {
  const text = orderText(order, common, { ...common, GATEWAY: "a b", EMPTY: "" }, ["flock", "l", "python3", "-u", ""]);
  expect(text).toBe("=/srv/sms\n=program1_UZ_uzmobile\n=python3\n=GATEWAY=a b\n=EMPTY=\n.\n=flock\n=l\n=python3\n=-u\n=\n.\n");
});

test("a word that is a dot does not end the list", () => {
  expect(orderText(order, {}, { A: "." }, ["."])).toEndWith("\n=A=.\n.\n=.\n.\n");
});

for (const [what, asked, environment, command] of [
  ["another user", { ...order, user: "sms" }, common, ["true"]],
  ["a setting of several lines", order, { ...common, KEY: "one\ntwo" }, ["true"]],
  ["an argument of several lines", order, common, ["python3", "-c", "one\ntwo"]],
  ["a name that is no variable of a shell", order, { ...common, "a.b": "1" }, ["true"]],
  ["a setting that screen reads when it starts", order, { ...common, LANG: "C.UTF-8" }, ["true"]],
  ["a setting that screen makes for its window", order, { ...common, TERM: "vt100" }, ["true"]],
  ["a variable that a shell keeps for itself", order, { ...common, IFS: "," }, ["true"]],
  ["more than a pipe takes at once", order, { ...common, KEY: "x".repeat(40_000) }, ["true"]],
] as const)
  test(`${what} needs a screen of its own making`, () => {
    expect(orderText(asked, common, environment, command)).toBeNull();
  });
