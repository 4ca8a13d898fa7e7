/** From configuration to what a terminal is asked to start. Pure. */

import { createHash } from "node:crypto";
import type { Pair } from "../pairs/pair.ts";
import type { Program } from "../pairs/program.ts";
import type { Session } from "../pairs/session.ts";
import { fillTemplate } from "../pairs/template.ts";
import type { StartOrder } from "./terminals.ts";

export interface Asked {
  run: string;
  by: string;
  reason: string | null;
  at: number;
}

export function orderOf(session: Session, program: Program, pairs: readonly Pair[], asked: Asked): StartOrder {
  return {
    ...asked,
    session: session.id,
    name: session.name,
    program: program.name,
    pairs: pairs.map(({ id, country, operator }) => ({ id, country, operator })),
    command: fillTemplate(program.template, program.name, session.name, pairs),
    folder: program.folder,
    environment: program.environment,
    user: program.user,
    definition: definitionOf(session, program),
  };
}

/** Changes when a running program would have been started differently. A new restart policy or stop timeout needs no restart. */
export function definitionOf(session: Session, program: Program): string {
  const { template, folder, environment, secrets, user } = program;
  const settings = sorted(environment);
  // As they lie sealed: a replaced secret differs, and the hash tells nothing of it.
  const sealed = Object.keys(secrets).length > 0 ? [sorted(secrets)] : [];
  const text = JSON.stringify([template, folder, settings, user, session.name, session.pairs, ...sealed]);
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

function sorted(record: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}
