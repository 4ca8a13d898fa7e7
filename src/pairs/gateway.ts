/** A gateway: the account messages are handed to. It may have a budget of its own, across countries. */

export interface Gateway {
  /** Slug: `smpp1`. */
  id: string;
  name: string;
  /** At most this many SMS in any window, of all pairs that name it; null: no limit. */
  limit: number | null;
  windowSeconds: number;
  version: number;
}
