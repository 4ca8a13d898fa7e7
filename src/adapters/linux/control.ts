/**
 * The control socket: requests of local users, one JSON line each, answered by the same routes as HTTP.
 *
 * The kernel says who is calling (SO_PEERCRED); nothing in a request can. Request `{method, path, body?, stream?}`; answer
 * `{status, headers, body}`, or with `stream` `{status, headers}`, then `{chunk}` lines, then `{end: true}`.
 * The data folder must be locked before: only then is a socket file that lies there known to be stale.
 */

import { chmodSync, chownSync, existsSync, mkdirSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import type { Role } from "../../access/role.ts";
import { messageOf } from "../../kernel/errors.ts";
import type { Log } from "../../kernel/log.ts";
import { type Accounts, findGroup, OPERATOR_GROUP, readAccounts, roleOfPeer, userName } from "./accounts.ts";
import { peerCredentials } from "./libc.ts";

export interface ControlOptions {
  path: string;
  /** The app's own `fetch`, told who is asking. */
  dispatch: (request: Request, local: { name: string; role: Role }) => Response | Promise<Response>;
  log: Log;
  accounts?: () => Accounts;
  ownUid?: number;
}

export interface Control {
  /** Refuses new calls, ends streams, removes the socket. */
  close(): void;
}

const MAX_REQUEST_BYTES = 4_194_304;
/** A caller that does not read its stream is cut off at this many bytes waiting. */
const MAX_WAITING_BYTES = 1_048_576;

interface Call {
  method: string;
  path: string;
  body?: unknown;
  stream?: boolean;
}

interface Caller {
  local: { name: string; role: Role } | null;
  /** Why it is not answered; null when it is. */
  refusal: string | null;
  received: string;
  decoder: TextDecoder;
  /** What the kernel has not taken yet. */
  waiting: Uint8Array;
  gone: AbortController;
  /** Calls of one connection are answered in their order. */
  turn: Promise<void>;
  /** Close once everything is out. */
  ending: boolean;
}

type Socket = Bun.Socket<Caller>;

export function openControl(options: ControlOptions): Control {
  const { path, dispatch, log } = options;
  const accounts = options.accounts ?? readAccounts;
  const ownUid = options.ownUid ?? process.getuid?.() ?? 0;
  const callers = new Set<Socket>();

  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  // Asked first: to remove what is not there takes Bun a millisecond.
  if (existsSync(path)) rmSync(path);
  // Made without any right for others, so that there is no moment before chmod.
  const umask = process.umask(0o117);
  const listener = Bun.listen<Caller>({
    unix: path,
    socket: { open, data, drain: flush, timeout: finish, close: left, error: left },
  });
  process.umask(umask);
  share(path, accounts());

  function open(socket: Socket): void {
    const peer = peerCredentials(descriptorOf(socket));
    const known = accounts();
    const role = peer && roleOfPeer(peer, ownUid, known);
    const name = peer ? userName(peer.uid, known) : "unknown";
    socket.data = {
      local: role ? { name: `local:${name}`, role } : null,
      refusal: null,
      received: "",
      decoder: new TextDecoder(),
      waiting: new Uint8Array(),
      gone: new AbortController(),
      turn: Promise.resolve(),
      ending: false,
    };
    callers.add(socket);
    if (role) return;
    log.warn("control socket: refused", { user: name });
    // Said when it asks: an answer to a caller that is still writing would be lost with the connection. It has 5 s for that.
    socket.data.refusal = `${name} may not use this socket: ask root to add the user to group ${OPERATOR_GROUP}`;
    socket.timeout(5);
  }

  function data(socket: Socket, bytes: Uint8Array): void {
    const caller = socket.data;
    if (caller.refusal !== null) {
      if (!caller.ending) say(socket, problem(403, "forbidden", caller.refusal));
      finish(socket);
      return;
    }
    caller.received += caller.decoder.decode(bytes, { stream: true });
    for (let end = caller.received.indexOf("\n"); end >= 0; end = caller.received.indexOf("\n")) {
      const line = caller.received.slice(0, end);
      caller.received = caller.received.slice(end + 1);
      caller.turn = caller.turn.then(() => answer(socket, line));
    }
    if (caller.received.length > MAX_REQUEST_BYTES) {
      say(socket, problem(413, "too_large", `A request may have ${MAX_REQUEST_BYTES} bytes`));
      finish(socket);
    }
  }

  async function answer(socket: Socket, line: string): Promise<void> {
    const { local, gone } = socket.data;
    if (!local || gone.signal.aborted) return;
    try {
      const call = parseCall(line);
      if (!call) return say(socket, problem(400, "invalid", 'A request is one JSON line: {"method": "GET", "path": "/api/sessions"}'));
      const response = await dispatch(requestOf(call, gone.signal), local);
      const head = { status: response.status, headers: Object.fromEntries(response.headers) };
      if (!call.stream) return say(socket, { ...head, body: await response.text() });
      say(socket, head);
      const decoder = new TextDecoder();
      for await (const bytes of response.body ?? []) say(socket, { chunk: decoder.decode(bytes, { stream: true }) });
      say(socket, { end: true });
    } catch (error) {
      if (gone.signal.aborted) return;
      log.error("control socket: call failed", { error });
      say(socket, problem(500, "internal", messageOf(error)));
    }
  }

  function left(socket: Socket): void {
    socket.data.gone.abort();
    callers.delete(socket);
  }

  return {
    close() {
      listener.stop();
      for (const socket of callers) {
        socket.data.gone.abort();
        socket.end();
      }
      rmSync(path, { force: true });
    },
  };
}

function share(path: string, accounts: Accounts): void {
  const group = findGroup(accounts, OPERATOR_GROUP);
  if (group) chownSync(path, process.getuid?.() ?? -1, group.gid);
  chmodSync(path, 0o660);
}

function requestOf(call: Call, signal: AbortSignal): Request {
  const body = call.body === undefined ? undefined : JSON.stringify(call.body);
  return new Request(`http://local${call.path}`, {
    method: call.method,
    body,
    headers: body ? { "content-type": "application/json" } : {},
    signal,
  });
}

function parseCall(line: string): Call | null {
  try {
    const call = JSON.parse(line) as Partial<Call> | null;
    if (typeof call?.method !== "string" || typeof call.path !== "string" || !call.path.startsWith("/")) return null;
    return { method: call.method, path: call.path, body: call.body, stream: call.stream === true };
  } catch {
    return null;
  }
}

function problem(status: number, code: string, detail: string) {
  const body = JSON.stringify({ type: "about:blank", title: code, status, detail, code });
  return { status, headers: { "content-type": "application/problem+json" }, body };
}

function say(socket: Socket, message: unknown): void {
  const caller = socket.data;
  if (caller.gone.signal.aborted) return;
  const bytes = new TextEncoder().encode(`${JSON.stringify(message)}\n`);
  if (caller.waiting.length > MAX_WAITING_BYTES) {
    caller.gone.abort();
    socket.terminate();
    return;
  }
  caller.waiting = caller.waiting.length === 0 ? bytes : Buffer.concat([caller.waiting, bytes]);
  flush(socket);
}

function flush(socket: Socket): void {
  const caller = socket.data;
  const taken = caller.waiting.length === 0 ? 0 : socket.write(caller.waiting);
  if (taken > 0) caller.waiting = caller.waiting.subarray(taken);
  if (caller.ending && caller.waiting.length === 0) socket.end();
}

function finish(socket: Socket): void {
  socket.data.ending = true;
  flush(socket);
}

/** Bun's socket has the descriptor; its types do not say so. */
function descriptorOf(socket: Socket): number {
  return (socket as unknown as { fd: number }).fd;
}
