/** The command line's side of the control socket: one connection a call. Throws `Failed` with the exit code that fits the answer. */

import type { ErrorCode } from "../kernel/errors.ts";
import { EXIT, exitOf, Failed } from "./exit.ts";

export interface Client {
  /** The parsed JSON of a 2xx answer (null when it has no body); anything else throws with the problem's sentence. */
  call<T>(method: string, path: string, body?: unknown): Promise<T>;
  /** The text of an answer that says yes or no by its status: 2xx or 503. */
  probe(path: string): Promise<{ yes: boolean; text: string }>;
  /** Hands on the answer's text as it comes, until the server ends it or `signal` aborts. */
  follow(path: string, onText: (text: string) => void, signal?: AbortSignal): Promise<void>;
}

interface Answer {
  status: number;
  headers: Record<string, string>;
  body?: string;
}

/** Tries the sockets in turn: an operator's own default comes first, then the machine's. */
export function openClient(paths: readonly string[]): Client {
  return {
    async call(method, path, body) {
      const answer = await ask(paths, { method, path, body });
      return (answer.body ? JSON.parse(answer.body) : null) as never;
    },
    async probe(path) {
      const { status, body } = await ask(paths, { method: "GET", path }, 503);
      return { yes: status < 400, text: body ?? "" };
    },
    async follow(path, onText, signal) {
      await converse(paths, { method: "GET", path, stream: true }, signal, (message) => {
        if (typeof message.status === "number") {
          if (message.status >= 400) throw failureOf(message as unknown as Answer);
          return false;
        }
        if (typeof message.chunk === "string") onText(message.chunk);
        return message.end === true;
      });
    },
  };
}

async function ask(paths: readonly string[], call: Record<string, unknown>, expected?: number): Promise<Answer> {
  let answer: Answer | null = null;
  await converse(paths, call, undefined, (message) => {
    answer = message as unknown as Answer;
    return true;
  });
  if (!answer) throw new Failed(EXIT.failure, "Signalbox closed the connection before it answered; it may be shutting down");
  const { status } = answer as Answer;
  if (status >= 400 && status !== expected) throw failureOf(answer);
  return answer;
}

function failureOf(answer: Answer): Failed {
  let problem: { detail?: string; title?: string; code?: ErrorCode; errors?: { field: string; message: string }[] } = {};
  try {
    problem = JSON.parse(answer.body ?? "{}");
  } catch {
    problem = { detail: answer.body };
  }
  const fields = (problem.errors ?? []).map((error) => `\n  ${error.field} ${error.message}`).join("");
  return new Failed(exitOf(problem.code), `${problem.detail ?? problem.title ?? `HTTP ${answer.status}`}${fields}`);
}

/** Sends one call and hands each line of the answer to `onMessage` until it says true or the connection ends. */
async function converse(
  paths: readonly string[],
  call: Record<string, unknown>,
  signal: AbortSignal | undefined,
  onMessage: (message: Record<string, unknown>) => boolean,
): Promise<void> {
  const over = Promise.withResolvers<void>();
  const decoder = new TextDecoder();
  let received = "";
  let waiting = new TextEncoder().encode(`${JSON.stringify(call)}\n`);
  const flush = (socket: Bun.Socket<undefined>) => {
    const taken = socket.write(waiting);
    if (taken > 0) waiting = waiting.subarray(taken);
  };
  const socket = await connect(paths, {
    data(socket, bytes) {
      received += decoder.decode(bytes, { stream: true });
      try {
        for (let end = received.indexOf("\n"); end >= 0; end = received.indexOf("\n")) {
          const line = received.slice(0, end);
          received = received.slice(end + 1);
          if (!onMessage(JSON.parse(line) as Record<string, unknown>)) continue;
          socket.end();
          return over.resolve();
        }
      } catch (error) {
        // First: the end of the socket resolves it, and what was understood so far would pass for all of it.
        over.reject(error);
        socket.end();
      }
    },
    drain: flush,
    close: () => over.resolve(),
    error: (_, error) => over.reject(error),
  });
  signal?.addEventListener("abort", () => socket.end(), { once: true });
  flush(socket);
  await over.promise;
}

async function connect(paths: readonly string[], socket: Bun.SocketHandler<undefined>): Promise<Bun.Socket<undefined>> {
  let denied: string | null = null;
  for (const path of paths) {
    try {
      return await Bun.connect({ unix: path, socket });
    } catch (error) {
      if ((error as { code?: string }).code === "EACCES") denied ??= path;
    }
  }
  if (denied) throw new Failed(EXIT.refused, `You may not use ${denied}: ask root to add you to group signalbox, or use sudo`);
  throw new Failed(
    EXIT.notRunning,
    `Signalbox is not running (no answer on ${paths[0]}): start it with "systemctl start signalbox" or "signalbox serve"`,
  );
}
