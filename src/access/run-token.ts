/** The token of one run: names program, session and run under our seal, stored nowhere. It ends with its run, by asking whether that is known. */

import { openRecent } from "../kernel/recent.ts";
import type { Principal } from "./principal.ts";
import type { Scope } from "./role.ts";
import { isSeal, seal } from "./secret.ts";

export const RUN_PREFIX = "sbr_";
const SCOPES_OF_RUN: readonly Scope[] = ["permits", "results"];

export interface RunOf {
  program: string;
  session: string;
  run: string;
}

export type RunPrincipal = Extract<Principal, { kind: "run" }>;

export interface RunTokens {
  mint(run: RunOf): string;
  /** The run it names while `isRunKnown` says so: running, or ended so lately that its last results may still come. */
  read(token: string): RunPrincipal | null;
}

const REMEMBERED = 4000;

export function openRunTokens(key: () => Uint8Array, isRunKnown: (run: string, session: string) => boolean): RunTokens {
  const sealed = openRecent<RunPrincipal>(REMEMBERED);

  function open(token: string): RunPrincipal | null {
    const [head = "", mark = "", rest] = token.slice(RUN_PREFIX.length).split(".");
    if (rest !== undefined || !isSeal(key(), head, mark)) return null;
    const [program, session, run] = Buffer.from(head, "base64url").toString("utf8").split("\n");
    if (!program || !session || !run) return null;
    const principal: RunPrincipal = { kind: "run", program, session, run, scopes: SCOPES_OF_RUN };
    sealed.set(token, principal);
    return principal;
  }

  return {
    mint({ program, session, run }) {
      const head = Buffer.from([program, session, run].join("\n")).toString("base64url");
      return `${RUN_PREFIX}${head}.${seal(key(), head)}`;
    },
    read(token) {
      const principal = sealed.get(token) ?? open(token);
      return principal && isRunKnown(principal.run, principal.session) ? principal : null;
    },
  };
}
