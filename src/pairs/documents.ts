/**
 * Port: where configuration lives, one document per thing, with the acts that changed it.
 *
 * `commit` is all or nothing: every change meets the version it expects (0: must not exist yet) and is stored with version + 1
 * together with the acts, or none is and it throws `conflict`. Once it resolves, the change survives `kill -9`.
 * A commit of thousands of changes holds up nobody on its way there.
 * `load` gives every document of the kinds asked for, or those of these ids. Throws `unavailable` when the store is away.
 */

import type { Act } from "../kernel/act.ts";

export type DocumentKind =
  | "country"
  | "pair"
  | "program"
  | "session"
  | "gateway"
  | "hold"
  | "user"
  | "setting"
  | "patterns"
  | "batch"
  | "batch_steps";

export interface StoredDocument {
  kind: DocumentKind;
  id: string;
  version: number;
  body: Record<string, unknown>;
}

export interface DocumentChange {
  kind: DocumentKind;
  id: string;
  /** The version that was read; 0 for a new document. */
  expected: number;
  /** null deletes. */
  body: Record<string, unknown> | null;
}

export interface ActFilter {
  /** Of this, or of any of these. */
  subject?: string | readonly string[];
  actor?: string;
  before?: number;
  limit: number;
}

export interface Documents {
  load(kinds: readonly DocumentKind[], ids?: readonly string[]): Promise<StoredDocument[]>;
  commit(changes: readonly DocumentChange[], acts: readonly Act[]): Promise<void>;
  /** Newest first. */
  acts(filter: ActFilter): Promise<Act[]>;
}
