/** Who did what to what and why. Written in the same transaction as the change it tells of; the audit page reads these. */

/** Somebody who acts: a user, a local user of the machine, a program's token, or a part of the house (`policy`, `reconciler`). */
export interface Actor {
  /** `anna`, `local:root`, `token:billing`, `signalbox`. */
  name: string;
  /** Where from: an address, `socket`, `self`. */
  from: string;
}

export interface Act {
  at: number;
  actor: string;
  from: string;
  /** noun.verb: `session.stop`, `pair.update`. */
  verb: string;
  /** kind:id: `session:s_01`, `pair:UZ_uzmobile`. */
  subject: string;
  reason: string | null;
  /** What changed, secrets left out. */
  detail: Record<string, unknown> | null;
}

/** The house itself, for what no person asked for. */
export const SIGNALBOX: Actor = { name: "signalbox", from: "self" };

export function act(
  actor: Actor,
  at: number,
  verb: string,
  subject: string,
  more: { reason?: string | null; detail?: Record<string, unknown> } = {},
): Act {
  return { at, actor: actor.name, from: actor.from, verb, subject, reason: more.reason ?? null, detail: more.detail ?? null };
}
