/** Adding, changing and deleting programs; their secrets are sealed on the way. */

import { act } from "../kernel/act.ts";
import { conflict, invalid } from "../kernel/errors.ts";
import { type Change, programOf } from "./directory.ts";
import { priorityPairs, refuseIfPriority } from "./guard.ts";
import type { ProgramInput } from "./input.ts";
import { programFrom } from "./program.ts";
import type { Roster, RosterGround } from "./roster.ts";
import { checkVersion } from "./roster-version.ts";
import { takesOnePair } from "./template.ts";
import { sealSecrets, type Vault } from "./vault.ts";

export function programActs(
  { directory, clock }: RosterGround,
  vault: Vault,
): Pick<Roster, "addProgram" | "changeProgram" | "retireProgram"> {
  function secretsOf(input: ProgramInput, before: Readonly<Record<string, string>>): Record<string, string> {
    const secrets = sealSecrets(vault, input.name, before, input.secrets);
    const twice = Object.keys(secrets).find((name) => name in input.environment);
    if (twice !== undefined)
      throw invalid(`${twice} is both a setting and a secret`, [
        { field: "secrets", message: `${twice} is in the environment too; keep one` },
      ]);
    return secrets;
  }

  return {
    async addProgram(input, actor) {
      const before = directory.program(input.name);
      if (before && before.retiredAt === null) throw conflict(`Program ${input.name} exists already`, "exists");
      const now = clock.now();
      const secrets = secretsOf(input, {});
      const value = { ...programFrom(input, now, undefined, secrets), version: before?.version ?? 0 };
      await directory.commit(
        [{ kind: "program", value }],
        [act(actor, now, "program.create", `program:${input.name}`, { detail: told(input) })],
      );
      return programOf(directory, input.name);
    },

    async changeProgram(name, input, actor, version) {
      const program = programOf(directory, name);
      checkVersion(`Program ${name}`, program.version, version);
      if (input.name !== name) throw invalid("A program keeps its name", [{ field: "name", message: `must be ${name}` }]);
      const now = clock.now();
      const value = programFrom(input, now, program, secretsOf(input, program.secrets));
      const crowded =
        takesOnePair(value.template) && directory.sessions().find((session) => session.program === name && session.pairs.length > 1);
      if (crowded)
        throw invalid(`${crowded.name} serves several pairs; this command takes one`, [{ field: "template", message: "must use {pairs}" }]);
      await directory.commit([{ kind: "program", value }], [act(actor, now, "program.update", `program:${name}`, { detail: told(input) })]);
      return programOf(directory, name);
    },

    async retireProgram(name, actor) {
      const program = programOf(directory, name);
      const sessions = directory.sessions().filter((session) => session.program === name);
      refuseIfPriority(
        sessions.flatMap((session) => priorityPairs(directory, session)),
        `its program ${name} cannot be deleted`,
      );
      const now = clock.now();
      const ended = sessions.map((session): Change => ({ kind: "session", value: { ...session, retiredAt: now, retiredBy: actor.name } }));
      await directory.commit(
        [{ kind: "program", value: { ...program, retiredAt: now, updatedAt: now } }, ...ended],
        [
          act(actor, now, "program.retire", `program:${name}`),
          ...sessions.map((session) =>
            act(actor, now, "session.retire", `session:${session.id}`, {
              reason: `program ${name} deleted`,
              detail: { name: session.name },
            }),
          ),
        ],
      );
    },
  };
}

/** What the audit keeps of a program: environment and secrets by names only. */
function told(input: ProgramInput): Record<string, unknown> {
  return { ...input, environment: Object.keys(input.environment), secrets: Object.keys(input.secrets) };
}
