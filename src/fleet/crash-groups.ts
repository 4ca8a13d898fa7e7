/**
 * Sessions that ended for the same reason, as one card: the same error from the same line of code, whatever numbers, hosts and names its
 * message holds, with the same exit. Pure.
 */

import { createHash } from "node:crypto";
import { type Candidate, isPriority } from "./selection.ts";
import type { SessionState } from "./states.ts";

export interface CrashGroup {
  /** Stays the same while the reason does: `c_1f3a9c0b7d22`. */
  id: string;
  /** "ConnectionRefusedError: [Errno 111] Connection refused", or the exit where the output does not tell. */
  title: string;
  /** "gateway.py:88 in connect", when a traceback names it. */
  where: string | null;
  exitWords: string;
  /** Worst first: given up, then retrying. */
  sessions: CrashedSession[];
  /** When the first of them began to fail, and the latest exit. */
  firstAt: number;
  lastAt: number;
  /** Unexpected exits of all of them inside their policies' windows. */
  restarts: number;
  nextTryAt: number | null;
  /** The last lines of the newest, masked. */
  example: { session: string; lines: string[] };
}

export interface CrashedSession {
  id: string;
  name: string;
  pairs: string[];
  priority: boolean;
  state: SessionState;
  restarts: number;
  exitAt: number;
  nextTryAt: number | null;
}

const FALLEN: ReadonlySet<SessionState> = new Set(["backoff", "crashed"]);

/** The largest first. */
export function crashGroups(candidates: readonly Candidate[]): CrashGroup[] {
  const groups = new Map<string, Candidate[]>();
  for (const candidate of candidates) {
    const { status, session } = candidate;
    if (!status?.exit || !FALLEN.has(status.state)) continue;
    const { key } = signatureOf(status.lastLines, namesOf(candidate));
    // Exit codes are numbers that matter.
    const reason = createHash("sha256")
      .update(`${key}\n${status.exit.words.replaceAll(session.name, "<name>")}`)
      .digest("hex")
      .slice(0, 12);
    groups.set(reason, [...(groups.get(reason) ?? []), candidate]);
  }
  return [...groups]
    .map(([reason, members]) => groupOf(`c_${reason}`, members))
    .sort((a, b) => b.sessions.length - a.sessions.length || b.lastAt - a.lastAt || (a.id < b.id ? -1 : 1));
}

function groupOf(id: string, members: readonly Candidate[]): CrashGroup {
  const at = ({ status }: Candidate) => status?.exit?.at ?? 0;
  const newest = members.reduce((a, b) => (at(b) > at(a) ? b : a));
  const { title, where } = signatureOf(newest.status!.lastLines, namesOf(newest));
  const exitWords = newest.status!.exit!.words;
  const sessions = members.map(crashed).sort((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1));
  const tries = sessions.flatMap(({ nextTryAt }) => nextTryAt ?? []);
  return {
    id,
    title: title ?? exitWords,
    where,
    exitWords,
    sessions,
    firstAt: Math.min(...members.map(({ status }) => status?.failingSince ?? status?.exit?.at ?? 0)),
    lastAt: at(newest),
    restarts: sessions.reduce((sum, { restarts }) => sum + restarts, 0),
    nextTryAt: tries.length > 0 ? Math.min(...tries) : null,
    example: { session: newest.session.name, lines: newest.status!.lastLines },
  };
}

function crashed({ session, pairs, status }: Candidate): CrashedSession {
  const { state, restarts, exit, nextTryAt } = status!;
  const { id, name } = session;
  return { id, name, pairs: session.pairs, priority: isPriority(pairs), state, restarts, exitAt: exit!.at, nextTryAt };
}

const rank = ({ state }: CrashedSession) => (state === "crashed" ? 0 : 1);

export interface Signature {
  /** Equal for the same reason. */
  key: string;
  /** As the program said it; null: it said nothing. */
  title: string | null;
  where: string | null;
}

// Python: `requests.exceptions.ConnectionError: message`, also bare `KeyboardInterrupt`. JavaScript: `TypeError: message`.
const ERROR =
  /^(?:Uncaught )?((?:[A-Za-z_]\w*\.)*(?:[A-Z]\w*)?(?:Error|Exception|Exit|Interrupt|Timeout|Refused|Iteration|Failure|Fault))(?::\s*(.*))?$/;
const PYTHON_FRAME = /^\s*File "([^"]+)", line (\d+)(?:, in (\S+))?/;
const SCRIPT_FRAME = /^\s*at (?:(\S+) )?\(?(?:file:\/\/)?([^()\s]+?):(\d+)(?::\d+)?\)?$/;
const TITLE_CHARACTERS = 160;

/** From the last lines of a run: the last error in them with the frame it came from, else the last line that says anything. */
export function signatureOf(lines: readonly string[], names: readonly string[] = []): Signature {
  const trimmed = lines.map((line) => line.trimEnd());
  const at = trimmed.findLastIndex((line) => ERROR.test(line.trim()));
  if (at < 0) {
    const last = trimmed.findLast((line) => line.trim() !== "")?.trim() ?? null;
    return { key: last === null ? "" : normalised(last, names), title: last && cut(last), where: null };
  }
  const text = trimmed[at]!.trim();
  const [, type, message] = ERROR.exec(text)!;
  const where = frameBefore(trimmed, at) ?? frameAfter(trimmed, at);
  return { key: `${type} ${normalised(message ?? "", names)} ${where ?? ""}`, title: cut(text), where };
}

/** Python prints the innermost frame last, right above the error. */
function frameBefore(lines: readonly string[], at: number): string | null {
  for (let i = at - 1; i >= 0; i--) {
    const found = PYTHON_FRAME.exec(lines[i]!);
    if (found) return `${baseOf(found[1]!)}:${found[2]}${found[3] ? ` in ${found[3]}` : ""}`;
    if (lines[i]!.startsWith("Traceback ")) break;
  }
  return null;
}

/** JavaScript prints it first, right below. */
function frameAfter(lines: readonly string[], at: number): string | null {
  const found = SCRIPT_FRAME.exec(lines[at + 1] ?? "");
  return found ? `${baseOf(found[2]!)}:${found[3]}${found[1] ? ` in ${found[1]}` : ""}` : null;
}

const baseOf = (path: string) => path.slice(path.lastIndexOf("/") + 1);
const cut = (text: string) => (text.length > TITLE_CHARACTERS ? `${text.slice(0, TITLE_CHARACTERS - 1)}…` : text);

/** The session's own name and pairs, which its messages like to mention: longest first, so that no part is left over. */
function namesOf({ session, pairs }: Candidate): string[] {
  return [session.name, ...pairs.flatMap((pair) => [pair.id, pair.operatorName, pair.operator])].sort((a, b) => b.length - a.length);
}

/** What differs from one session to the next and from one try to the next, taken out. */
export function normalised(text: string, names: readonly string[]): string {
  let out = text;
  for (const name of names) if (name.length > 2) out = out.replaceAll(name, "<name>");
  return (
    out
      .replace(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, "<id>")
      .replace(/\b0x[0-9a-f]+\b/gi, "<id>")
      .replace(/\b\d{1,3}(?:\.\d{1,3}){3}\b(?::\d+)?/g, "<host>")
      .replace(/\[[0-9a-f]*(?::[0-9a-f]*){2,}\](?::\d+)?/gi, "<host>")
      .replace(/\b(?:[a-z0-9-]+\.)+[a-z]{2,}\b(?::\d+)?/gi, "<host>")
      .replace(/\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{8,}\b/gi, "<id>")
      // Masked numbers hold dots in their middle.
      .replace(/\+?\d[\d•]*(?:[.,]\d+)*/g, "<n>")
      .replace(/\s+/g, " ")
      .trim()
  );
}
