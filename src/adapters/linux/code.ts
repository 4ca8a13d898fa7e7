/**
 * The state of code on disk. In a git work tree what git says; anywhere else the newest source file, two folders deep.
 *
 * git is asked as the user we are, without its file monitor, and takes no lock; a work tree that belongs to somebody else it refuses to
 * read, and then the files are looked at.
 */

import { readdir, stat } from "node:fs/promises";
import { extname, join } from "node:path";
import type { Code, CodeState } from "../../fleet/code.ts";

/** A disk that hangs must not hold up a start. */
const DEADLINE_MS = 3_000;
const MOST_FILES = 2_000;
const MOST_EDITED = 200;
const DEPTH = 2;
/** What a program is made of and configured by; not what it writes: logs, data, compiled Python. */
const SOURCES = new Set(
  ".py .pyx .sh .bash .js .mjs .cjs .ts .rb .pl .pm .php .lua .go .rs .java .jar .c .so .toml .yaml .yml .ini .cfg .conf .env".split(" "),
);
const SKIPPED = new Set(["__pycache__", "node_modules", "venv", "site-packages"]);

export function openCode(environment: Record<string, string | undefined>): Code {
  /** By folder, what git says of its commit: the same as long as the commit is. */
  const heads = new Map<string, Head>();

  /** Its output, or null when it does not answer with 0 in time. */
  async function git(folder: string, ...command: string[]): Promise<string | null> {
    const program = Bun.which("git", { PATH: environment.PATH ?? "" });
    if (!program) return null;
    const asked = Bun.spawn([program, "-C", folder, "-c", "core.fsmonitor=false", ...command], {
      env: { PATH: environment.PATH, HOME: environment.HOME, GIT_OPTIONAL_LOCKS: "0", LC_ALL: "C" },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "ignore",
      timeout: DEADLINE_MS,
      killSignal: "SIGKILL",
    });
    const [text, code] = await Promise.all([asked.stdout.text(), asked.exited]);
    return code === 0 ? text : null;
  }

  async function headOf(folder: string): Promise<Omit<Head, "id"> | null> {
    const text = await git(folder, "rev-parse", "--show-toplevel", "--short", "HEAD");
    const [, top, commit] = /^(.+)\n(.+)\n$/s.exec(text ?? "") ?? [];
    return top && commit ? { top, commit } : null;
  }

  /** Every half minute and folder one git: starting one holds us up for milliseconds. */
  async function ofGit(folder: string): Promise<CodeState | null> {
    const known = heads.get(folder);
    const [text, first] = await Promise.all([
      git(folder, "status", "--porcelain=v2", "--branch", "-z", "--untracked-files=no", "--", "."),
      known ?? headOf(folder),
    ]);
    const id = /^# branch\.oid (\w+)$/.exec(text?.split("\0", 1)[0] ?? "")?.[1];
    const head = known && known.id !== id ? await headOf(folder) : first;
    if (!text || !id || !head) {
      heads.delete(folder);
      return null;
    }
    heads.set(folder, { ...head, id });
    const sources = editedIn(text).map((file) => ({ file, path: join(head.top, file) }));
    return { commit: head.commit, newest: await newestOf(sources.slice(0, MOST_EDITED)) };
  }

  return {
    async state(folder) {
      try {
        return await within(
          DEADLINE_MS,
          (async () => (await ofGit(folder)) ?? { commit: null, newest: await newestOf(await sourcesIn(folder)) })(),
        );
      } catch {
        return null;
      }
    },
  };
}

interface Head {
  /** Of the commit, whole; and as it is told. */
  id: string;
  commit: string;
  /** The work tree's own folder. */
  top: string;
}

/** So many fields stand before the name of a file that was changed, renamed or is unmerged: git-status(1), porcelain 2. */
const FIELDS_BEFORE: Record<string, number> = { "1": 8, "2": 9, u: 10 };

function editedIn(status: string): string[] {
  return status.split("\0").flatMap((entry) => {
    const fields = entry.split(" ");
    const before = fields[0]!.length === 1 ? FIELDS_BEFORE[fields[0]!] : undefined;
    // What a renamed file was called before stands alone, and may look like anything.
    return before === undefined || !/^[.MTADRCU]{2}$/.test(fields[1] ?? "") ? [] : [fields.slice(before).join(" ")];
  });
}

interface Source {
  /** As it is told. */
  file: string;
  path: string;
}

async function sourcesIn(folder: string): Promise<Source[]> {
  const found: Source[] = [];
  let level = [""];
  for (let depth = 0; depth < DEPTH && level.length > 0; depth++) {
    const below: string[] = [];
    for (const at of level) {
      for (const item of await readdir(join(folder, at), { withFileTypes: true })) {
        if (found.length >= MOST_FILES) return found;
        if (item.isDirectory() && !item.name.startsWith(".") && !SKIPPED.has(item.name)) below.push(join(at, item.name));
        if (!item.isDirectory() && (SOURCES.has(extname(item.name)) || item.name === ".env"))
          found.push({ file: join(at, item.name), path: join(folder, at, item.name) });
      }
    }
    level = below;
  }
  return found;
}

async function newestOf(sources: readonly Source[]): Promise<CodeState["newest"]> {
  let newest: CodeState["newest"] = null;
  for (const { file, path } of sources) {
    // Gone since it was listed: a deleted file that git tells of.
    const at = await stat(path).then(
      ({ mtimeMs }) => Math.round(mtimeMs),
      () => 0,
    );
    if (!newest || at > newest.at) newest = { file, at };
  }
  return newest;
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("took too long")), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
