/** What the shim's files and screen's own words say. Pure; anything malformed reads as "not there". */

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

/** `<pid>`, from an older shim `<pid> <start ticks>`. */
export function parseChild(text: string): { pid: number; startTicks: number | null } | null {
  const match = /^(\d+)(?: (\d+))?\n$/.exec(text);
  return match ? { pid: Number(match[1]), startTicks: match[2] === undefined ? null : Number(match[2]) } : null;
}

/** `<exit code>`. */
export function parseExit(text: string): number | null {
  const match = /^(\d{1,3})\n$/.exec(text);
  return match ? Number(match[1]) : null;
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
