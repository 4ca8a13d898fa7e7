/**
 * The parts of a page that change by themselves. A part is drawn again only when its key changed, and the same drawing goes to every
 * reader; nothing runs while nobody reads.
 */

import type { Format, Source } from "./events.ts";

export interface Part {
  /** Id of the element it replaces. */
  id: string;
  /** All that its drawing depends on, its own parts left out; equal keys, equal drawing. */
  key: string;
  draw: () => string;
  /** For programs, `format=json`. */
  data: () => unknown;
  /** Id of the element that holds it with its like. When parts come or go, the whole group is sent. */
  group?: string;
  /** What changes inside it more often than it does: sent alone while the whole stands. */
  parts?: readonly Part[];
}

export interface LiveOptions {
  parts: () => Part[];
  /** Ids of groups, so that one that became empty is told too. */
  groups?: readonly string[];
  /** How often to look for changed numbers. */
  everyMs: number;
  /** Calls back when something changed that cannot wait; returns how to leave. */
  urgent?: (nudge: () => void) => () => void;
  /** More that goes straight to the readers: the output whole (`content`), then its new lines (`append`). */
  direct?: (send: (html: string, data: unknown, kind: "content" | "append") => void) => () => void;
  now: () => number;
}

/** Two urgent looks are at least this far apart: a storm of changes becomes ten messages a second. */
const URGENT_GAP_MS = 100;
/** Lets the changes of one look of the fleet come together. */
const GATHER_MS = 5;

export function liveSource(options: LiveOptions): Source {
  const drawn = new Map<string, { key: string; html: string }>();

  function html(part: Part): string {
    const key = [part.key, ...(part.parts ?? []).map((own) => own.key)].join("\n");
    const before = drawn.get(part.id);
    if (before?.key === key) return before.html;
    const made = part.draw();
    drawn.set(part.id, { key, html: made });
    return made;
  }

  function whole(parts: readonly Part[], groups: Iterable<string>): string {
    let out = "";
    for (const group of groups) {
      const own = parts.filter((part) => part.group === group);
      out += patch(group, "members", own.map(html).join(""));
    }
    return out;
  }

  return {
    snapshot(format: Format) {
      const parts = options.parts();
      if (format === "json") return json("snapshot", options.now(), flat(parts), []);
      const alone = parts.filter((part) => part.group === undefined);
      const groups = new Set([...(options.groups ?? []), ...parts.flatMap((part) => part.group ?? [])]);
      return alone.map((part) => patch(part.id, "steady", html(part))).join("") + whole(parts, groups);
    },

    start(publish) {
      // Its own: one source may be started twice, for readers that may act and for those that may not, and each must be told everything.
      let told = byId(options.parts());
      let lastLook = 0;
      let soon: ReturnType<typeof setTimeout> | null = null;

      function look(): void {
        if (soon) clearTimeout(soon);
        soon = null;
        lastLook = options.now();
        const parts = options.parts();
        const { changed, gone, next } = compare(told, parts);
        told = next;
        for (const part of gone) drawn.delete(part.id);
        if (changed.length === 0 && gone.length === 0) return;
        const regrouped = new Set(
          [...changed.filter(({ isNew }) => isNew), ...gone.map((part) => ({ part }))].flatMap(({ part }) => part.group ?? []),
        );
        const replaced = changed.filter(({ part }) => part.group === undefined || !regrouped.has(part.group));
        publish({
          html: () => replaced.map(({ part }) => patch(part.id, "steady", html(part))).join("") + whole(parts, regrouped),
          json: () => json("change", options.now(), flat(changed.map(({ part }) => part)), gone),
        });
      }

      const timer = setInterval(look, options.everyMs);
      const leave = options.urgent?.(() => {
        soon ??= setTimeout(look, Math.max(GATHER_MS, URGENT_GAP_MS - (options.now() - lastLook)));
      });
      const quit = options.direct?.((text, data, kind) =>
        publish({ html: () => text, json: () => JSON.stringify({ kind, at: options.now(), data }) }),
      );
      return () => {
        clearInterval(timer);
        if (soon) clearTimeout(soon);
        leave?.();
        quit?.();
        drawn.clear();
      };
    },
  };
}

function byId(parts: readonly Part[]): Map<string, Part> {
  return new Map(flat(parts).map((part) => [part.id, part]));
}

function flat(parts: readonly Part[]): Part[] {
  return parts.flatMap((part) => (part.parts ? [part, ...part.parts] : [part]));
}

/** The changed parts; those inside a changed one are told with it. */
function compare(told: ReadonlyMap<string, Part>, parts: readonly Part[]) {
  const next = byId(parts);
  const isChanged = (part: Part) => {
    const before = told.get(part.id);
    return before !== part && before?.key !== part.key;
  };
  const changed = parts
    .flatMap((part) => (isChanged(part) ? [part] : (part.parts ?? []).filter(isChanged)))
    .map((part) => ({ part, isNew: !told.has(part.id) }));
  const gone = [...told.values()].filter((part) => !next.has(part.id));
  return { changed, gone, next };
}

/**
 * One change of the page, as app.js applies it: `steady` replaces the element, keeping what stands; `members` does so with all that a
 * group holds; `content` and `append` are for output.
 */
export function patch(id: string, how: "steady" | "members" | "content" | "append", html: string): string {
  return `<template data-part="${id}" data-how="${how}">${html}</template>`;
}

function json(kind: "snapshot" | "change", at: number, parts: readonly Part[], gone: readonly Part[]): string {
  return JSON.stringify({
    kind,
    at,
    parts: Object.fromEntries(parts.map((part) => [part.id, part.data()])),
    ...(gone.length > 0 ? { gone: gone.map((part) => part.id) } : {}),
  });
}
