/** Argument templates: split once into arguments as people type them, filled in per session. No shell ever reads them. */

import type { Pair } from "./pair.ts";

/** Splits `python3 "my program.py" --country {country}` at spaces, honouring '…', "…" and backslash. Throws when a quote is left open. */
export function splitTemplate(text: string): string[] {
  const parts: string[] = [];
  let part = "";
  let open = "";
  let started = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (open) {
      if (char === open) open = "";
      else if (char === "\\" && open === '"' && i + 1 < text.length) part += text[++i];
      else part += char;
    } else if (char === '"' || char === "'") {
      open = char;
      started = true;
    } else if (char === "\\" && i + 1 < text.length) {
      part += text[++i];
      started = true;
    } else if (/\s/.test(char)) {
      if (started) parts.push(part);
      part = "";
      started = false;
    } else {
      part += char;
      started = true;
    }
  }
  if (open) throw new Error(`has a quote ${open} that is never closed`);
  if (started) parts.push(part);
  if (parts.length === 0) throw new Error("must name a command");
  return parts;
}

/** The names in braces, in order: `["country", "operator"]`. */
export function placeholders(parts: readonly string[]): string[] {
  return parts.flatMap((part) => [...part.matchAll(/\{([a-z_]+)\}/g)].map((match) => match[1]!));
}

/** A template with `{country}`, `{operator}` or `{pair}` speaks of one pair, so a session of it holds one. */
export function takesOnePair(parts: readonly string[]): boolean {
  return placeholders(parts).some((name) => name === "country" || name === "operator" || name === "pair");
}

/** The arguments for one session. `{pairs}` becomes `UZ_uzmobile,UA_3mob`. Each stays one argument whatever it holds. */
export function fillTemplate(parts: readonly string[], program: string, session: string, pairs: readonly Pair[]): string[] {
  const first = pairs[0];
  const values: Record<string, string> = {
    country: first?.country ?? "",
    operator: first?.operator ?? "",
    pair: first?.id ?? "",
    pairs: pairs.map((pair) => pair.id).join(","),
    session,
    program,
  };
  return parts.map((part) => part.replace(/\{([a-z_]+)\}/g, (whole, name: string) => values[name] ?? whole));
}
