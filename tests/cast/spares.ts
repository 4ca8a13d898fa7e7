/** Terminals whose every run of our own user is given to a screen that waited for it. */

import { expect } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { StartOrder, Terminals } from "../../src/fleet/terminals.ts";
import type { OwnScreens } from "./screens.ts";
import { until } from "./until.ts";

export function everyStartInASpare(screens: OwnScreens): Terminals {
  const terminals = screens.open({ spareAfter: "start" });
  /** One start after the other, for there is one screen that waits; the first has none. */
  let last: Promise<unknown> | null = null;

  async function start(order: StartOrder): Promise<void> {
    await spareIsReady(screens);
    await terminals.start(order);
    expect(spareOf(screens, order)).not.toBeNull();
  }

  return {
    ...terminals,
    start(order) {
      last ??= terminals.start(screens.order(["true"]));
      const mine = last.then(() => start(order));
      last = mine.catch(() => {});
      return mine;
    },
  };
}

export function spareIsReady({ runtimeFolder }: OwnScreens): Promise<unknown> {
  const folder = join(runtimeFolder, "spare");
  return until("a screen waits", () => {
    return existsSync(folder) && readdirSync(folder).some((id) => isReady(join(folder, id)));
  });
}

const isReady = (folder: string) => (text(join(folder, "shim")) ?? "").endsWith("\n");

/** The waiting screen that a run was given to, as its order file tells. */
export function spareOf({ runtimeFolder }: OwnScreens, { session, run }: { session: string; run: string }): string | null {
  return JSON.parse(readFileSync(join(runtimeFolder, "sessions", session, run, "order"), "utf8")).spare;
}

function text(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
