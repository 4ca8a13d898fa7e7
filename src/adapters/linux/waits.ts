/**
 * Where the threads of many processes wait in the kernel, asked again and again. Their files of /proc stay open: most of a look would be
 * spent on finding them. What was opened of a process that is gone answers with an error, never for another process of its number.
 */

import { closeSync, fstatSync, openSync, readdirSync, readSync } from "node:fs";
import { mostOpenFiles } from "./libc.ts";

export interface Waits {
  /** Those of its threads that wait in `place`; none when it is gone or not ours to look into. */
  threadsIn(pid: number, place: string): number[];
  /** Ends a round: what was not asked for since the last one is closed. */
  endRound(): void;
  close(): void;
}

interface Watched {
  /** Its folder of threads: two links of its own and one for each, so that a thread more or less is seen without its being read. */
  folder: number;
  threads: { id: number; fd: number }[];
  round: number;
}

/** `most` descriptors are kept; what would need more is opened for each look. Other parts of the house need them too. */
export function openWaits(most = Math.floor(mostOpenFiles() / 4)): Waits {
  const watched = new Map<number, Watched>();
  let held = 0;
  let round = 0;

  function drop(pid: number, one: Watched): void {
    watched.delete(pid);
    held -= 1 + one.threads.length;
    for (const fd of [one.folder, ...one.threads.map((thread) => thread.fd)]) closeSync(fd);
  }

  function keep(pid: number): Watched | null {
    const opened: number[] = [];
    const open = (path: string) => {
      const fd = openSync(path, "r");
      opened.push(fd);
      return fd;
    };
    try {
      const path = `/proc/${pid}/task`;
      const folder = open(path);
      const threads = readdirSync(path).map((id) => ({ id: Number(id), fd: open(`${path}/${id}/wchan`) }));
      const one = { folder, threads, round };
      watched.set(pid, one);
      held += opened.length;
      return one;
    } catch {
      for (const fd of opened) closeSync(fd);
      return null;
    }
  }

  /** null: its threads are others now, or it is gone. */
  function look({ folder, threads }: Watched, place: string): number[] | null {
    try {
      if (fstatSync(folder).nlink - 2 !== threads.length) return null;
      return threads.flatMap(({ id, fd }) => (says(fd, place) ? [id] : []));
    } catch {
      return null;
    }
  }

  return {
    threadsIn(pid, place) {
      const known = watched.get(pid);
      const found = known ? look(known, place) : null;
      if (known && found) {
        known.round = round;
        return found;
      }
      if (known) drop(pid, known);
      const one = keep(pid);
      if (!one) return [];
      const now = look(one, place);
      if (held > most || now === null) drop(pid, one);
      return now ?? [];
    },
    endRound() {
      for (const [pid, one] of watched) if (one.round !== round) drop(pid, one);
      round++;
    },
    close() {
      for (const [pid, one] of watched) drop(pid, one);
    },
  };
}

// No name of a place in the kernel is longer than this: KSYM_NAME_LEN.
const buffer = Buffer.alloc(512);

function says(fd: number, place: string): boolean {
  const length = readSync(fd, buffer, 0, buffer.length, 0);
  if (length !== place.length) return false;
  for (let at = 0; at < length; at++) if (buffer[at] !== place.charCodeAt(at)) return false;
  return true;
}
