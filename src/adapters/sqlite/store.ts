/** The store as the main thread sees it: `write` resolves when its transaction is on disk, `read` sees everything written before. */

import { AppError, messageOf } from "../../kernel/errors.ts";
import type { Commands, Queries } from "./commands.ts";
import type { Call, FromWorker, Reply, ToWorker } from "./protocol.ts";

export interface Store {
  path: string;
  /** Throws what the command threw, or `unavailable` (nothing stored, or no answer within the deadline). */
  write<K extends keyof Commands>(name: K, input: Parameters<Commands[K]>[1]): Promise<ReturnType<Commands[K]>>;
  read<K extends keyof Queries>(name: K, input: Parameters<Queries[K]>[1]): Promise<ReturnType<Queries[K]>>;
  /** A read that may take minutes, in a Worker of its own that ends with it: nobody else waits. */
  aside<K extends keyof Queries>(name: K, input: Parameters<Queries[K]>[1]): Promise<ReturnType<Queries[K]>>;
  /** Schema versions applied to a file that was there when it was opened. */
  migrated: number[];
  close(): Promise<void>;
}

export interface StoreOptions {
  path: string;
  /** A Worker that died takes acknowledged work's future with it: the process ends and the service manager starts it anew. */
  onDeath: (which: string, message: string) => void;
  deadlineMs?: number;
  /** Started before: `startWriter`. */
  writer?: Worker;
}

/** A Worker takes as long to come up as the rest of the house: whoever knows that a store will be opened starts it first. */
export function startWriter(): Worker {
  return new Worker(new URL("./writer-worker.ts", import.meta.url).href);
}

/** A file of a hundred gigabytes on a slow disk. */
const ASIDE_DEADLINE_MS = 15 * 60_000;

/** A start needs one Worker only; the second comes up when the first requests do. */
const READER_AFTER_MS = 100;

export async function openStore(options: StoreOptions): Promise<Store> {
  const deadlineMs = options.deadlineMs ?? 10_000;
  const writer = openChannel("writer", options.writer ?? startWriter(), deadlineMs, options);
  writer.open();
  const migrated = await writer.ready.catch(async (error) => {
    await writer.close();
    throw error;
  });

  let reader: Channel | null = null;
  // Until the reader is up, the writer answers what it will be asked.
  let reading = writer;
  const later = setTimeout(() => {
    const worker = new Worker(new URL("./reader-worker.ts", import.meta.url).href);
    const started = openChannel("reader", worker, deadlineMs, options, writer.fold);
    reader = started;
    started.open(true);
    started.ready.then(
      () => {
        reading = started;
      },
      (error) => closing || options.onDeath("reader", messageOf(error)),
    );
  }, READER_AFTER_MS);
  let closing = false;

  return {
    path: options.path,
    migrated,
    write: (name, input) => writer.call(name, input) as never,
    read: (name, input) => reading.call(name, input) as never,
    async aside(name, input) {
      const worker = new Worker(new URL("./reader-worker.ts", import.meta.url).href);
      // Its death is its caller's failure alone.
      const channel = openChannel("side reader", worker, ASIDE_DEADLINE_MS, { ...options, onDeath: () => {} });
      try {
        channel.open();
        await channel.ready;
        return (await channel.call(name, input)) as never;
      } finally {
        await channel.close();
      }
    },
    async close() {
      closing = true;
      clearTimeout(later);
      await reader?.close();
      await writer.close();
    },
  };
}

interface Waiter {
  resolve: (value: unknown) => void;
  reject: (error: Error) => void;
  dueAt: number;
}

const EXPIRE_EVERY_MS = 1_000;

type Channel = ReturnType<typeof openChannel>;

function openChannel(which: string, worker: Worker, deadlineMs: number, { path, onDeath }: StoreOptions, onFolded = () => {}) {
  const waiters = new Map<number, Waiter>();
  const ready = Promise.withResolvers<number[]>();
  // One that nobody came to wait for, since the other Worker failed first, is no unhandled failure.
  ready.promise.catch(() => {});
  const closed = Promise.withResolvers<void>();
  let nextId = 1;
  let outgoing: Call[] = [];
  let closing = false;
  let opened = false;
  // One look a second instead of a timer per call, and none while nobody waits: at 20,000 calls/s timers would cost more than the calls.
  let watch: ReturnType<typeof setTimeout> | null = null;

  worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
    if (data.kind === "replies") for (const reply of data.replies) settle(reply);
    else if (data.kind === "ready") {
      opened = true;
      ready.resolve(data.migrated);
    } else if (data.kind === "failed") ready.reject(new AppError("unavailable", `The store ${path} cannot be opened: ${data.message}`));
    else if (data.kind === "folded") onFolded();
    else closed.resolve();
  };
  worker.onerror = (event) => died(event.message);
  worker.addEventListener("close", () => died("the worker ended"));

  function send(message: ToWorker): void {
    worker.postMessage(message);
  }

  function died(message: string): void {
    unwatch();
    ready.reject(new AppError("unavailable", `The store's ${which} ended: ${message}`));
    for (const waiter of waiters.values()) waiter.reject(new AppError("unavailable", `The store's ${which} ended: ${message}`));
    waiters.clear();
    closed.resolve();
    if (!closing && opened) onDeath(which, message);
  }

  function settle(reply: Reply): void {
    const waiter = waiters.get(reply.id);
    if (!waiter) return;
    waiters.delete(reply.id);
    if (reply.ok) waiter.resolve(reply.value);
    else waiter.reject(new AppError(reply.code, reply.message, reply.details));
  }

  function unwatch(): void {
    if (watch) clearTimeout(watch);
    watch = null;
  }

  function expire(): void {
    watch = null;
    const now = performance.now();
    for (const [id, waiter] of waiters) {
      if (waiter.dueAt > now) break; // ids are in order of birth
      waiters.delete(id);
      waiter.reject(new AppError("unavailable", `The store's ${which} did not answer within ${deadlineMs} ms`, { retryAfterMs: 2000 }));
    }
    if (waiters.size > 0) watch = setTimeout(expire, EXPIRE_EVERY_MS);
  }

  return {
    ready: ready.promise,
    open: (folds = false) => send({ kind: "open", path, folds }),
    fold: () => closing || send({ kind: "fold" }),
    call(name: string, input: unknown): Promise<unknown> {
      if (closing) return Promise.reject(new AppError("unavailable", "Signalbox is shutting down", { retryAfterMs: 5000 }));
      const id = nextId++;
      outgoing.push({ id, name, input });
      // Everything asked for together crosses in one message, and so shares one commit. Those who ask much gather it themselves.
      if (outgoing.length === 1)
        queueMicrotask(() => {
          const calls = outgoing;
          outgoing = [];
          send({ kind: "calls", calls });
        });
      watch ??= setTimeout(expire, EXPIRE_EVERY_MS);
      return new Promise((resolve, reject) => waiters.set(id, { resolve, reject, dueAt: performance.now() + deadlineMs }));
    },
    async close(): Promise<void> {
      closing = true;
      if (opened) {
        send({ kind: "close" });
        await closed.promise;
      }
      unwatch();
      worker.terminate();
    },
  };
}
