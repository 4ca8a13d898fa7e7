/** The kept output of a session's runs: which there are, a stretch of one, what is found in it, all of it. Everything masked. */

import { notFound } from "../kernel/errors.ts";
import { type Stretch, sizeOf, stretchOf } from "./output.ts";
import { rawLines, shown } from "./output-lines.ts";
import { type Found, type Search, searchOutput } from "./output-search.ts";
import type { Terminals } from "./terminals.ts";

export interface KeptRun {
  run: string;
  bytes: number;
}

export interface Outputs {
  /** Runs whose output is kept, newest first. */
  runs(session: string): KeptRun[];
  /** Lines of a run (the newest when none is named) that end where `before` says, an earlier stretch's `earlier`, or at the end. */
  stretch(
    session: string,
    asked: { run?: string | undefined; lines: number; before?: string | undefined },
  ): Stretch & { run: string | null };
  search(session: string, asked: Search & { run?: string | undefined }): Promise<Found & { run: string | null }>;
  /** All of a run, in pieces that end with a newline. */
  text(session: string, run?: string): { run: string | null; pieces: AsyncGenerator<string> };
}

export function openOutputs(terminals: Pick<Terminals, "output" | "outputRuns">, idOf: (session: string) => string): Outputs {
  /** The newest run has a name from the first moment on, its file perhaps a little later. */
  function filesOf(session: string, asked: string | undefined): { run: string | null; files: string[] } {
    const id = idOf(session);
    const run = asked ?? terminals.outputRuns(id)[0] ?? null;
    const files = run === null ? [] : terminals.output(id, run);
    if (asked !== undefined && files.length === 0) throw notFound(`Output of run ${asked}`);
    return { run, files };
  }

  return {
    runs: (session) =>
      terminals.outputRuns(idOf(session)).map((run) => ({
        run,
        bytes: terminals.output(idOf(session), run).reduce((sum, file) => sum + sizeOf(file), 0),
      })),
    stretch(session, { run: asked, lines, before }) {
      const { run, files } = filesOf(session, asked);
      return { run, ...stretchOf(files, lines, before) };
    },
    async search(session, { run: asked, ...search }) {
      const { run, files } = filesOf(session, asked);
      return { run, ...(await searchOutput(files, search)) };
    },
    text(session, asked) {
      const { run, files } = filesOf(session, asked);
      return { run, pieces: piecesOf(files) };
    },
  };
}

async function* piecesOf(files: readonly string[]): AsyncGenerator<string> {
  for await (const lines of rawLines(files)) yield lines.map((line) => `${shown(line)}\n`).join("");
}
