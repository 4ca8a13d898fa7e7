/**
 * The stream of changes (SSE). A reader gets the whole first, then what changes; one buffer is made per topic and shared by all its readers.
 *
 * A reader that does not read is skipped and, when it has room again, given the whole anew; after MAX_SKIPS it is dropped, so that memory
 * stays flat. A topic works only while somebody reads it. Streams end with the reader's token and when the house shuts down.
 */

import type { Context } from "hono";
import type { Clock } from "../kernel/clock.ts";
import { AppError, invalid, unavailable } from "../kernel/errors.ts";
import type { Env, Route } from "./route.ts";

export type Format = "html" | "json";

/** Where a topic's messages come from. */
export interface Source {
  /** The whole, as it is now. */
  snapshot(format: Format): string;
  /** Called when the first reader comes; tells every change until the returned function is called, after the last one left. */
  start(publish: (message: Record<Format, () => string>) => void): () => void;
}

/** Finds the source of a topic, `board` or `session:program1_UZ_uzmobile`; undefined: there is none. `acts`: the reader may act. */
export type Resolve = (topic: string, acts: boolean) => Source | undefined;

export interface EventHub {
  resolve(resolve: Resolve): void;
  open(
    topics: readonly string[],
    reader: { format: Format; acts: boolean; login: string | null; endsAt: number | null },
  ): ReadableStream<Uint8Array>;
  readers(): number;
  /** Ends the streams of one login, after its logout. */
  closeLogin(login: string): void;
  /** Ends every stream; new ones are refused. For shutdown, before the server stops. */
  closeAll(): void;
}

const MAX_SKIPS = 30;
const MAX_READERS = 2000;
const MAX_TOPICS = 10;
const BEAT_MS = 5_000;
/** What a stream may hold for a reader that is a little behind. */
const HELD_MESSAGES = 4;

interface Reader {
  controller: ReadableStreamDefaultController<Uint8Array>;
  format: Format;
  login: string | null;
  endsAt: number | null;
  topics: Topic[];
  /** Topics of which it missed something: it gets the whole of them when it reads again. */
  behind: Set<Topic>;
  skips: number;
}

interface Topic {
  key: string;
  name: string;
  source: Source;
  readers: Set<Reader>;
  stop: () => void;
}

export function openEventHub(clock: Clock): EventHub {
  const readers = new Set<Reader>();
  const topics = new Map<string, Topic>();
  const resolvers: Resolve[] = [];
  let closed = false;
  let beat: ReturnType<typeof setInterval> | null = null;

  function topicOf(name: string, acts: boolean): Topic | undefined {
    const key = `${name} ${acts}`;
    const known = topics.get(key);
    if (known) return known;
    for (const resolve of resolvers) {
      const source = resolve(name, acts);
      if (source) return { key, name, source, readers: new Set(), stop: () => {} };
    }
    return undefined;
  }

  function join(reader: Reader): void {
    readers.add(reader);
    for (const topic of reader.topics) {
      if (topic.readers.size === 0) {
        topics.set(topic.key, topic);
        topic.stop = topic.source.start((message) => publish(topic, message));
      }
      topic.readers.add(reader);
    }
    beat ??= setInterval(heartbeat, BEAT_MS);
  }

  function leave(reader: Reader): void {
    if (!readers.delete(reader)) return;
    for (const topic of reader.topics) {
      topic.readers.delete(reader);
      if (topic.readers.size > 0 || topics.get(topic.key) !== topic) continue;
      topics.delete(topic.key);
      topic.stop();
    }
    if (readers.size === 0 && beat) {
      clearInterval(beat);
      beat = null;
    }
  }

  function end(reader: Reader): void {
    leave(reader);
    try {
      reader.controller.close();
    } catch {
      // The other side was quicker.
    }
  }

  function publish(topic: Topic, message: Record<Format, () => string>): void {
    const made = new Map<string, Uint8Array>();
    const once = (what: string, make: () => string) => {
      const bytes = made.get(what) ?? frame(topic.name, make());
      made.set(what, bytes);
      return bytes;
    };
    for (const reader of topic.readers) {
      const { format } = reader;
      if (!hasRoom(reader)) reader.behind.add(topic);
      else if (reader.behind.delete(topic))
        send(
          reader,
          once(`whole ${format}`, () => topic.source.snapshot(format)),
        );
      else send(reader, once(format, message[format]));
    }
  }

  /** False when the reader is behind; the one that stays behind is dropped. */
  function hasRoom(reader: Reader): boolean {
    const room = reader.controller.desiredSize;
    if (room !== null && room > 0) {
      reader.skips = 0;
      return true;
    }
    if (room === null || ++reader.skips > MAX_SKIPS) {
      leave(reader);
      try {
        reader.controller.error(new Error("too slow"));
      } catch {
        // Closed meanwhile.
      }
    }
    return false;
  }

  function send(reader: Reader, bytes: Uint8Array): void {
    try {
      reader.controller.enqueue(bytes);
    } catch {
      leave(reader); // enqueue on a closed stream throws
    }
  }

  /** Says that the line is alive, with our time; tells late-comers the whole; ends what has expired. */
  function heartbeat(): void {
    const now = clock.now();
    const bytes = frame("beat", String(now));
    for (const reader of readers) {
      if (reader.endsAt !== null && reader.endsAt <= now) end(reader);
      else if (hasRoom(reader)) {
        for (const topic of reader.behind) send(reader, frame(topic.name, topic.source.snapshot(reader.format)));
        reader.behind.clear();
        send(reader, bytes);
      }
    }
  }

  return {
    resolve: (resolve) => void resolvers.push(resolve),
    open(names, { format, acts, login, endsAt }) {
      if (closed) throw unavailable("Signalbox is shutting down");
      if (readers.size >= MAX_READERS) throw new AppError("rate_limited", "Too many streams are open", { retryAfterMs: 5000 });
      if (names.length === 0 || names.length > MAX_TOPICS) throw invalid(`topics must name 1 to ${MAX_TOPICS} topics, like topics=board`);
      const found = [...new Set(names)].map((name) => {
        const topic = topicOf(name, acts);
        if (!topic) throw invalid(`There is no topic ${name}`, [{ field: "topics", message: `knows no ${name}` }]);
        return topic;
      });
      let reader: Reader;
      return new ReadableStream<Uint8Array>(
        {
          start(controller) {
            reader = { controller, format, login, endsAt, topics: found, behind: new Set(), skips: 0 };
            join(reader);
            // The whole goes out as one chunk: a slow reader must not be counted as behind for having joined.
            const whole = found.map((topic) => text(topic.name, topic.source.snapshot(format)));
            controller.enqueue(encoder.encode(`retry: 1000\n${text("beat", String(clock.now()))}${whole.join("")}`));
          },
          cancel() {
            leave(reader);
          },
        },
        { highWaterMark: HELD_MESSAGES },
      );
    },
    readers: () => readers.size,
    closeLogin(login) {
      for (const reader of [...readers]) if (reader.login === login) end(reader);
    },
    closeAll() {
      closed = true;
      for (const reader of [...readers]) end(reader);
    },
  };
}

const encoder = new TextEncoder();

function text(event: string, data: string): string {
  return `event: ${event}\ndata: ${data.replaceAll("\n", "\ndata: ")}\n\n`;
}

function frame(event: string, data: string): Uint8Array {
  return encoder.encode(text(event, data));
}

export function eventRoutes(hub: EventHub): Route[] {
  return [
    {
      method: "GET",
      path: "/events",
      least: "viewer",
      summary:
        "Live changes as server-sent events: the whole first, then what changes. topics=board,session:{name}; format=json for programs.",
      handle: (context) => stream(hub, context),
    },
  ];
}

function stream(hub: EventHub, context: Context<Env>): Response {
  const principal = context.get("principal");
  const user = principal && (principal.kind === "user" || principal.kind === "local") ? principal : null;
  const body = hub.open((context.req.query("topics") ?? "").split(",").filter(Boolean), {
    format: context.req.query("format") === "json" ? "json" : "html",
    acts: user !== null && user.role !== "viewer",
    login: user?.kind === "user" ? user.login : null,
    endsAt: context.get("expiresAt") ?? null,
  });
  // Bun ends a connection that is idle for 10 s; a stream may be idle between two beats and while its reader is behind.
  context.env.server?.timeout(context.req.raw, 0);
  return new Response(body, {
    headers: { "content-type": "text/event-stream", "cache-control": "no-cache, no-transform", "x-accel-buffering": "no" },
  });
}
