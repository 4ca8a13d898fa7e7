/** The form of a program. Of its environment and secrets the names alone go out; a name that comes back alone keeps its value. */

import { typedIn } from "../../views/fields.tsx";
import { commandOf } from "../../views/programs/programs.tsx";
import { texts } from "../../views/texts.ts";
import { type ProgramInput, programInput } from "../pairs/input.ts";
import { DEFAULT_RESTART, DEFAULT_SILENT_AFTER_MS, type Program } from "../pairs/program.ts";
import { checked, type Fields, type FormErrors, one, ticked, words as typedWords } from "./form.ts";

/** A program as its form shows it: of the environment the names alone. */
export function programFields(program: Program): Record<string, string> {
  const { restart } = program;
  return {
    template: commandOf(program),
    folder: program.folder,
    environment: Object.keys(program.environment).join("\n"),
    policy: restart.policy,
    first_delay: String(restart.firstDelayMs / 1000),
    cap: String(restart.capMs / 1000),
    give_up_after: String(restart.giveUpAfter),
    give_up_window: String(restart.giveUpWindowMs / 60_000),
    stop_signal: program.stopSignal,
    stop_timeout: String(program.stopTimeoutMs / 1000),
    success_codes: program.successCodes.join(" "),
    memory_limit: program.memoryLimitMb === null ? "" : String(program.memoryLimitMb),
    silent_after: program.silentAfterMs === null ? "" : String(program.silentAfterMs / 60_000),
    schedule: program.schedule ?? "",
    silent_restart: program.silentRestart ? "on" : "",
    auto_thaw: program.autoThaw ? "on" : "",
    queue_order: program.queue.order,
    queue_ttl: program.queue.ttlMs === null ? "" : String(program.queue.ttlMs / 1000),
    user: program.user ?? "",
    description: program.description,
  };
}

/** What the form for a new program proposes. */
export function newProgramFields(): Record<string, string> {
  return {
    template: "python3 program1.py --country {country} --operator {operator} --session {session}",
    policy: DEFAULT_RESTART.policy,
    first_delay: String(DEFAULT_RESTART.firstDelayMs / 1000),
    cap: String(DEFAULT_RESTART.capMs / 1000),
    give_up_after: String(DEFAULT_RESTART.giveUpAfter),
    give_up_window: String(DEFAULT_RESTART.giveUpWindowMs / 60_000),
    stop_signal: "TERM",
    stop_timeout: "10",
    success_codes: "0",
    silent_after: String(DEFAULT_SILENT_AFTER_MS / 60_000),
    auto_thaw: "on",
  };
}

/** Which field of the form a path of the schema stands in. */
const FIELDS: Record<string, string> = {
  restart: "first_delay",
  stop_timeout_ms: "stop_timeout",
  memory_limit_mb: "memory_limit",
  silent_after_ms: "silent_after",
  queue: "queue_ttl",
  secrets: "new_secret",
};
export const programFieldOf = (path: string): string => FIELDS[path] ?? path;

/** What the form defines, or undefined with the reasons in `errors`. `before`: the environment it keeps values of. */
export function programInputFrom(
  fields: Fields,
  name: string,
  before: Readonly<Record<string, string>>,
  errors: FormErrors,
): ProgramInput | undefined {
  const ms = (field: string, unit: number) => {
    const value = errors.number(fields, field);
    return value === undefined ? undefined : Math.round(value * unit);
  };
  const defined = <T extends object>(object: T) => Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
  const input = {
    name,
    template: one(fields, "template"),
    folder: one(fields, "folder"),
    environment: environmentFrom(typedIn({ values: fields, errors: {} }, "environment"), before, errors),
    user: one(fields, "user") || null,
    stop_signal: one(fields, "stop_signal") || "TERM",
    stop_timeout_ms: ms("stop_timeout", 1000),
    restart: defined({
      policy: one(fields, "policy") || undefined,
      first_delay_ms: ms("first_delay", 1000),
      cap_ms: ms("cap", 1000),
      give_up_after: errors.number(fields, "give_up_after"),
      give_up_window_ms: ms("give_up_window", 60_000),
    }),
    success_codes: typedWords(fields, "success_codes").map(Number),
    memory_limit_mb: errors.number(fields, "memory_limit") ?? null,
    schedule: one(fields, "schedule") || null,
    silent_after_ms: ms("silent_after", 60_000) ?? null,
    silent_restart: ticked(fields, "silent_restart"),
    auto_thaw: ticked(fields, "auto_thaw"),
    queue: { order: one(fields, "queue_order") || "oldest", ttl_ms: ms("queue_ttl", 1000) ?? null },
    secrets: secretsFrom(fields, errors),
    description: one(fields, "description"),
  };
  return checked(programInput, defined(input), errors, programFieldOf);
}

/** `secret_NAME` replaces when something was typed, `unset_NAME` removes, `new_secret` with its value adds. */
function secretsFrom(fields: Fields, errors: FormErrors): Record<string, string | null> {
  const secrets: Record<string, string | null> = {};
  for (const field of Object.keys(fields)) {
    if (field.startsWith("secret_") && raw(fields, field) !== "") secrets[field.slice("secret_".length)] = raw(fields, field);
    if (field.startsWith("unset_") && ticked(fields, field)) secrets[field.slice("unset_".length)] = null;
  }
  const name = one(fields, "new_secret");
  const value = raw(fields, "new_secret_value");
  if (name !== "" && value === "") errors.add("new_secret_value", texts.program.secretNeedsValue);
  else if (name === "" && value !== "") errors.add("new_secret", texts.program.secretNeedsName);
  else if (name !== "") secrets[name] = value;
  return secrets;
}

/** As typed: a secret may begin or end with a blank. */
function raw(fields: Fields, name: string): string {
  const value = fields[name];
  return typeof value === "string" ? value : (value?.[0] ?? "");
}

/** `NAME=value` sets, `NAME` alone keeps what it has, a name left out is gone. */
export function environmentFrom(typed: string, before: Readonly<Record<string, string>>, errors: FormErrors): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const line of typed.split(/\r?\n/)) {
    if (line.trim() === "") continue;
    const at = line.indexOf("=");
    const name = (at < 0 ? line : line.slice(0, at)).trim();
    const value = at < 0 ? before[name] : line.slice(at + 1);
    if (value === undefined) errors.add("environment", `${name} has no value yet: write ${name}=value`);
    else environment[name] = value;
  }
  return environment;
}
