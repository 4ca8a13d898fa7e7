/**
 * The parts of a page that change by themselves. A part is drawn again only when its key changed, and the same drawing goes to every
 * reader; nothing runs while nobody reads.
 */

import type { Format, Source } from "./events.ts";

export interface Part {
  /** Id of the element it replaces. */
  id: string;
  /** Id of the element that holds it with its like; null: it stands alone. When parts come or go, the whole group is sent. */
  group: string | null;
  /** All that its drawing depends on; equal keys, equal drawing. */
  key: string;
  draw: () => string;
  /** For programs, `format=json`. */
  data: () => unknown;
}

export interface LiveOptions {
  parts: () => Part[];
  /** Ids of groups, so that one that became empty is told too. */
  groups?: readonly string[];
  /** How often to look for changed numbers. */
  everyMs: number;
  /** Calls back when something changed that cannot wait; returns how to leave. */
  urgent?: (nudge: () => void) => () => void;
  /** More that goes straight to the readers: lines of output, appended. */
  direct?: (send: (html: string, data: unknown) => void) => () => void;
  now: () => number;
}

/** Two urgent looks are at least this far apart: a storm of changes becomes ten messages a second. */
const URGENT_GAP_MS = 100;

export function liveSource(options: LiveOptions): Source {
  const drawn = new Map<string, { key: string; html: string }>();
  let told = new Map<string, Part>();

  function html(part: Part): string {
    const before = drawn.get(part.id);
    if (before?.key === part.key) return before.html;
    const made = part.draw();
    drawn.set(part.id, { key: part.key, html: made });
    return made;
  }

  function whole(parts: readonly Part[], groups: Iterable<string>): string {
    let out = "";
    for (const group of groups) {
      const own = parts.filter((part) => part.group === group);
      out += partial(group, "innerMorph", own.map(html).join(""));
    }
    return out;
  }

  const groupsOf = (parts: readonly Part[]) => new Set([...(options.groups ?? []), ...parts.flatMap((part) => part.group ?? [])]);

  return {
    snapshot(format: Format) {
      const parts = options.parts();
      if (format === "json") return json("snapshot", options.now(), parts, []);
      const alone = parts.filter((part) => part.group === null);
      return alone.map((part) => partial(part.id, "outerMorph", html(part))).join("") + whole(parts, groupsOf(parts));
    },

    start(publish) {
      told = new Map(options.parts().map((part) => [part.id, part]));
      let lastLook = 0;
      let soon: ReturnType<typeof setTimeout> | null = null;

      function look(): void {
        if (soon) clearTimeout(soon);
        soon = null;
        lastLook = options.now();
        const parts = options.parts();
        const next = new Map(parts.map((part) => [part.id, part]));
        const changed = parts.filter((part) => told.get(part.id)?.key !== part.key);
        const gone = [...told.values()].filter((part) => !next.has(part.id));
        // A group whose members came or went is told as a whole: its elements are not all there to be replaced.
        const regrouped = new Set([...changed.filter((part) => !told.has(part.id)), ...gone].flatMap((part) => part.group ?? []));
        told = next;
        for (const part of gone) drawn.delete(part.id);
        if (changed.length === 0 && gone.length === 0) return;
        publish({
          html: () =>
            changed
              .filter((part) => part.group === null || !regrouped.has(part.group))
              .map((part) => partial(part.id, "outerMorph", html(part)))
              .join("") + whole(parts, regrouped),
          json: () => json("change", options.now(), changed, gone),
        });
      }

      const timer = setInterval(look, options.everyMs);
      const leave = options.urgent?.(() => {
        // A few ms let the changes of one look of the fleet come together.
        soon ??= setTimeout(look, Math.max(5, URGENT_GAP_MS - (options.now() - lastLook)));
      });
      const quit = options.direct?.((text, data) =>
        publish({ html: () => text, json: () => JSON.stringify({ kind: "append", at: options.now(), data }) }),
      );
      return () => {
        clearInterval(timer);
        if (soon) clearTimeout(soon);
        leave?.();
        quit?.();
        drawn.clear();
        told.clear();
      };
    },
  };
}

export function partial(id: string, swap: "outerMorph" | "innerMorph" | "innerHTML" | "beforeend", html: string): string {
  return `<hx-partial hx-target="#${id}" hx-swap="${swap}">${html}</hx-partial>`;
}

function json(kind: "snapshot" | "change", at: number, parts: readonly Part[], gone: readonly Part[]): string {
  return JSON.stringify({
    kind,
    at,
    parts: Object.fromEntries(parts.map((part) => [part.id, part.data()])),
    ...(gone.length > 0 ? { gone: gone.map((part) => part.id) } : {}),
  });
}
