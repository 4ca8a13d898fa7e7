/** What the pages of messages are drawn from. */

import type { StoryLine } from "../../src/results/journal.ts";
import type { KnownMessage } from "../../src/results/known.ts";
import type { Contradiction } from "../../src/results/messages.ts";
import type { Orphan } from "../../src/results/orphans.ts";

export interface SearchProps {
  now: number;
  /** What was typed, unless it may be a phone number: that never stands on a page. */
  typed: string;
  /** null: nothing was looked for yet. */
  found: { messages: readonly KnownMessage[]; phoneMask: string | null; more: boolean } | null;
  error: string | null;
  contradictions: readonly Contradiction[];
  orphans: readonly Orphan[];
  /** Of sessions and pairs, by id. */
  nameOf: { session(id: string): string; pair(id: string): string };
}

export interface StoryProps {
  now: number;
  message: KnownMessage;
  lines: readonly (StoryLine & { teller: string })[];
  nameOf: SearchProps["nameOf"];
  /** What the class of an error is called; null: nobody classified it. */
  classOf(code: string): string | null;
}

export function storyHref({ program, messageId }: { program: string; messageId: string }): string {
  return `/messages/${encodeURIComponent(program)}/${encodeURIComponent(messageId)}`;
}
