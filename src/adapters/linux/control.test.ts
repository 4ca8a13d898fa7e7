import { afterEach, expect, test } from "bun:test";
import { chmodSync, existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ownFolder } from "../../../tests/cast/folder.ts";
import { refusal } from "../../../tests/cast/refusal.ts";
import { until } from "../../../tests/cast/until.ts";
import { openClient } from "../../cli/client.ts";
import { EXIT, type Failed } from "../../cli/exit.ts";
import { quiet } from "../../kernel/log.ts";
import { type Accounts, roleOfPeer } from "./accounts.ts";
import { type Control, type ControlOptions, openControl } from "./control.ts";

const folder = ownFolder("control");
const NOBODY = 65_534;
const asRoot = process.getuid?.() === 0;
let count = 0;
let open: Control | null = null;
afterEach(() => open?.close());

function listen(dispatch: ControlOptions["dispatch"], more: Partial<ControlOptions> = {}): string {
  const path = join(folder, `${++count}.sock`);
  open = openControl({ path, dispatch, log: quiet, ...more });
  return path;
}

const echo: ControlOptions["dispatch"] = async (request, local) =>
  Response.json({ method: request.method, path: new URL(request.url).pathname, body: request.body && (await request.json()), local });

test("the kernel says who calls, and the app's routes answer", async () => {
  const client = openClient([listen(echo)]);
  const answer = await client.call("PUT", "/api/sessions/a/desired", { state: "up" });
  expect(answer).toEqual({
    method: "PUT",
    path: "/api/sessions/a/desired",
    body: { state: "up" },
    local: { name: `local:${asRoot ? "root" : Bun.env.USER}`, role: "admin" },
  });
});

test("the socket is for its user and group only, and a stale one is replaced", async () => {
  const path = join(folder, "stale.sock");
  writeFileSync(path, "");
  open = openControl({ path, dispatch: echo, log: quiet });
  expect(statSync(path).mode & 0o777).toBe(0o660);
  await openClient([path]).call("GET", "/");
  open.close();
  expect(existsSync(path)).toBe(false);
});

test("a problem's sentence and fields reach the terminal with the exit code that fits", async () => {
  const problem = {
    status: 409,
    code: "conflict",
    detail: "UZ_uzmobile is high priority",
    errors: [{ field: "state", message: "must be up" }],
  };
  const client = openClient([listen(() => Response.json(problem, { status: 409 }))]);
  const failed = (await refusal(client.call("POST", "/x"))) as unknown as Failed;
  expect(failed.code).toBe(EXIT.refused);
  expect(failed.message).toBe("UZ_uzmobile is high priority\n  state must be up");
});

test("a handler that throws is answered, and the socket lives on", async () => {
  let calls = 0;
  const client = openClient([
    listen((request, local) => {
      if (calls++ === 0) throw new Error("disk on fire");
      return echo(request, local);
    }),
  ]);
  expect((await refusal(client.call("GET", "/a"))).message).toBe("disk on fire");
  expect(await client.call<{ path: string }>("GET", "/b")).toMatchObject({ path: "/b" });
});

test("a stream comes in chunks, and the server learns that its reader left", async () => {
  let aborted = false;
  const path = listen((request) => {
    const lines = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode("first – "));
        controller.enqueue(new TextEncoder().encode("second"));
        request.signal.addEventListener("abort", () => {
          aborted = true;
          controller.close();
        });
      },
    });
    return new Response(lines);
  });
  const stop = new AbortController();
  let text = "";
  await openClient([path]).follow(
    "/lines",
    (chunk) => {
      text += chunk;
      if (text === "first – second") stop.abort();
    },
    stop.signal,
  );
  await until("the server saw the reader leave", () => aborted);
});

test("a megabyte goes through whole, in both directions", async () => {
  const text = "é".repeat(600_000);
  const answer = await openClient([listen(echo)]).call<{ body: { text: string } }>("POST", "/big", { text });
  expect(answer.body.text).toBe(text);
});

test("garbage is refused with what a request looks like", async () => {
  const path = listen(echo);
  let heard = "";
  const hear = (bytes: Uint8Array) => {
    heard += bytes.toString();
  };
  const socket = await Bun.connect({ unix: path, socket: { data: (_, bytes) => hear(bytes) } });
  socket.write("hello; rm -rf /\n");
  await until("the refusal came", () => heard.includes("one JSON line"));
  socket.end();
});

test("no Signalbox: exit code 3 and how to start it", async () => {
  const failed = (await refusal(openClient([join(folder, "nobody-there.sock")]).call("GET", "/"))) as unknown as Failed;
  expect(failed.code).toBe(EXIT.notRunning);
  expect(failed.message).toContain("systemctl start signalbox");
});

const passwd = "root:x:0:0::/root:/bin/sh\nolga:x:1001:1001::/:/bin/sh\nsam:x:1002:1002::/:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n";
const roles: [string, number, number, string, string | null][] = [
  ["root", 0, 0, "", "admin"],
  ["the user Signalbox runs as", 500, 500, "", "admin"],
  ["a member of the group", 1001, 1001, "signalbox:x:900:olga", "operator"],
  ["somebody whose first group it is", 1002, 900, "signalbox:x:900:olga", "operator"],
  ["a stranger", 1002, 1002, "signalbox:x:900:olga", null],
  ["anybody, when there is no such group", 1001, 1001, "", null],
  ["a user without a name, of an empty group", 4242, 4242, "signalbox:x:900:", null],
];
test.each(roles)("%s (uid %i, gid %i) with group %p is %p", (_, uid, gid, group, role) => {
  expect(roleOfPeer({ uid, gid }, 500, { passwd, group })).toBe(role as never);
});

// Another user's credentials can only be had by root.
test.skipIf(!asRoot)("members of group signalbox are operators, other users are refused", async () => {
  chmodSync(folder, 0o755);
  const members: Accounts = { passwd, group: "signalbox:x:65534:" };
  const operator = await callAs(NOBODY, listen(echo, { accounts: () => members }));
  expect(operator).toContain('{\\"name\\":\\"local:nobody\\",\\"role\\":\\"operator\\"}');
  open?.close();

  const path = listen(echo, { accounts: () => ({ passwd, group: "" }) });
  chmodSync(path, 0o666); // past the file's mode, so that the answer comes from the credentials
  expect(await callAs(NOBODY, path)).toContain("nobody may not use this socket");
});

async function callAs(uid: number, path: string): Promise<string> {
  const script = `
import os, socket, sys
os.setgroups([]); os.setgid(int(sys.argv[1])); os.setuid(int(sys.argv[1]))
s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[2]); s.sendall(b'{"method":"GET","path":"/"}\\n'); print(s.recv(65536).decode())`;
  const child = Bun.spawn(["python3", "-c", script, String(uid), path], { stdout: "pipe", stderr: "inherit" });
  return await new Response(child.stdout).text();
}
