/** What the shim's files and screen's own words say. Pure; anything malformed reads as "not there". */

import { z } from "zod";

export interface KeeperFile {
  pid: number;
  startTicks: number;
  /** Pid of the SCREEN process, from STY. */
  screenPid: number | null;
  bootId: string;
}

/** `<pid> <start ticks> <STY> <boot id>`. */
export function parseKeeper(text: string): KeeperFile | null {
  const match = /^(\d+) (\d+) (\S*) ([0-9a-f-]{36})\n$/.exec(text);
  if (!match) return null;
  const screenPid = Number.parseInt(match[3]!, 10);
  return { pid: Number(match[1]), startTicks: Number(match[2]), screenPid: screenPid > 0 ? screenPid : null, bootId: match[4]! };
}

/** `<pid> <start ticks>`. */
export function parseChild(text: string): { pid: number; startTicks: number } | null {
  const match = /^(\d+) (\d+)\n$/.exec(text);
  return match ? { pid: Number(match[1]), startTicks: Number(match[2]) } : null;
}

/** `<exit code>`. */
export function parseExit(text: string): number | null {
  const match = /^(\d{1,3})\n$/.exec(text);
  return match ? Number(match[1]) : null;
}

/** `order`: what a run was started as, written before its terminal opens. */
export const orderFile = z.object({
  run: z.string(),
  session: z.string(),
  name: z.string(),
  program: z.string(),
  pairs: z.array(z.object({ id: z.string(), country: z.string(), operator: z.string() })),
  definition: z.string(),
  /** An older Signalbox wrote none. */
  code: z.object({ commit: z.string().nullable(), newest: z.object({ file: z.string(), at: z.number() }).nullable() }).nullish(),
  by: z.string(),
  reason: z.string().nullable(),
  at: z.number(),
  bootId: z.string(),
  /** The process that was adopted as this run; there is none in what an older Signalbox wrote. */
  adopted: z
    .object({
      pid: z.number(),
      startTicks: z.number(),
      startedAt: z.number(),
      group: z.number(),
      session: z.number(),
      screenPid: z.number(),
      screenStartTicks: z.number(),
      screen: z.string(),
    })
    .nullable()
    .default(null),
});
export type OrderFile = z.infer<typeof orderFile>;

/** `stop`: the note left beside a run that is being ended. */
export const stopFile = z.object({
  kind: z.enum(["stop", "restart", "cure"]),
  by: z.string(),
  reason: z.string().nullable(),
  at: z.number(),
  killAt: z.number(),
});

/** JSON that fits, or null. */
export function parseJson<T>(schema: z.ZodType<T>, text: string): T | null {
  try {
    const parsed = schema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

export interface ListedScreen {
  pid: number;
  name: string;
  /** `Detached`, `Attached`, `Multi, detached`, `Private`, `Dead ???`, `Removed`. */
  state: string;
}

/**
 * `screen -ls`, for discovery only. Lines end in \r\n in part, the time column is Debian's own, names hold spaces and dots, and long
 * entries are wrapped over two or three lines: an entry runs from its `PID.name` to the next one, its state is its last parenthesis.
 */
export function parseScreenList(text: string): ListedScreen[] {
  const entries: string[] = [];
  for (const line of text.replaceAll("\r", "").split("\n")) {
    if (/^\s+\d+\./.test(line)) entries.push(line.trim());
    else if (/^\s+\(/.test(line) && entries.length > 0) entries[entries.length - 1] += `\t${line.trim()}`;
  }
  return entries.flatMap((entry) => {
    const match = /^(\d+)\.(.*?)\s*(?:\(\d{1,4}[/.-][^()]*\))?\s*\(([^()]*)\)$/.exec(entry);
    return match ? [{ pid: Number(match[1]), name: match[2]!, state: match[3]! }] : [];
  });
}

/** A socket's file name in the screen folder: `PID.name`. */
export function parseSocketName(file: string): { pid: number; name: string } | null {
  const match = /^(\d+)\.(.+)$/.exec(file);
  return match ? { pid: Number(match[1]), name: match[2]! } : null;
}

/** The first thing screen complained about, without its decoration. */
export function screenComplaint(output: string): string {
  return output.replaceAll("\r", "").trim().split("\n")[0] ?? "";
}
