/**
 * One screen in waiting, for the next session that comes back: its terminal, its shell and its output file are there already, and it takes
 * a run's order through a pipe. What a session waits for then is the program alone.
 *
 * It is only a shorter way to the same end. Whatever does not fit it, or goes wrong with it, goes the long way. It lives no longer than
 * we do: the pipe is held open by us alone, and a window whose pipe was closed ends.
 */

import { basename, dirname } from "node:path";
import type { StartOrder } from "../../fleet/terminals.ts";
import { messageOf } from "../../kernel/errors.ts";
import type { Log } from "../../kernel/log.ts";
import { isAlive } from "../linux/processes.ts";
import { commonEnvironment, type HouseFiles, type Layout, SPARE_COOKIE, spareOf, spareWindowCommand } from "./commands.ts";
import { namesIn, writtenAt } from "./files.ts";
import { orderText } from "./spare-order.ts";
import { AFTER_START_MS, forgetSpare, OPENED_WITHIN_MS, openSpareScreen, type SpareScreen, spareWindow, waits } from "./spare-screen.ts";

export interface SparesOptions extends HouseFiles {
  layout: Layout;
  environment: Record<string, string | undefined>;
  log: Log;
}

/** A waiting screen that is about to become a run's. */
export interface Taken extends Pick<SpareScreen, "id" | "keepOutputAs" | "moveTo" | "give" | "end"> {
  screenPid: number;
  tell(): void;
}

export interface Spares {
  /** null: there is none, or this run needs a screen of its own making. */
  take(order: StartOrder, environment: Record<string, string>): Taken | null;
  /** One is to be there soon, and to wait for some minutes. */
  want(): void;
  /** The run that it became is over. */
  forget(id: string): void;
  /** Takes away what screens of earlier lives have left, but for those that runs were given. */
  sweep(given: ReadonlySet<string>): void;
  close(): void;
}

/** Crashes come in bursts: one that nobody needed for so long is not kept for the next. */
const KEPT_MS = 10 * 60_000;

export function openSpares(options: SparesOptions): Spares {
  const { layout, log, screenFolder } = options;
  const common = { ...commonEnvironment(options, options.environment), [SPARE_COOKIE]: "1" };
  let waiting: SpareScreen | null = null;
  let soon: ReturnType<typeof setTimeout> | null = null;
  let enough: ReturnType<typeof setTimeout> | null = null;

  function open(): void {
    soon = null;
    end();
    try {
      const screen = openSpareScreen({ layout, screenFolder, environment: common });
      waiting = screen;
      void screen.failed.then((code) => {
        if (waiting !== screen) return;
        log.warn("no spare screen could be opened", { code });
        end();
      });
      keep();
    } catch (error) {
      log.warn("no spare screen could be opened", { error: messageOf(error) });
    }
  }

  function keep(): void {
    if (enough) clearTimeout(enough);
    enough = setTimeout(end, KEPT_MS);
    enough.unref();
  }

  function end(): void {
    waiting?.end();
    waiting = null;
  }

  return {
    take(order, environment) {
      const window = waiting && spareWindow(waiting);
      if (!waiting || !window) return null;
      const text = orderText(order, common, environment, spareWindowCommand(layout, order));
      if (text === null) return null;
      if (!waits(window, screenFolder)) {
        end();
        return null;
      }
      const screen = waiting;
      waiting = null;
      return { ...screen, screenPid: window.screenPid, tell: () => screen.tell(text) };
    },
    want() {
      if (waiting?.isGood()) keep();
      else soon ??= setTimeout(open, AFTER_START_MS);
    },
    forget: (id) => forgetSpare(layout, id),
    sweep(given) {
      const any = spareOf(layout, "any");
      const logs = namesIn(dirname(any.logFile)).map((name) => basename(name, ".log"));
      for (const id of new Set([...namesIn(dirname(any.folder)), ...logs])) {
        if (given.has(id)) continue;
        const spare = spareOf(layout, id);
        const window = spareWindow(spare);
        const inUse = window ? isAlive(window.pid, window.startTicks) : Date.now() - writtenAt(spare.folder, 0) < OPENED_WITHIN_MS;
        if (!inUse) forgetSpare(layout, id);
      }
    },
    close() {
      if (soon) clearTimeout(soon);
      if (enough) clearTimeout(enough);
      soon = null;
      end();
    },
  };
}
