/** Time-ordered ids: `s_0mg3k2v8z4f7q2x9` sorts by birth, so an index on them appends instead of scattering. */

const ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz";

/** 9 base-36 digits of ms time (good until the year 5188) and 9 random ones. */
export function timeId(prefix: string, now: number, random: (bytes: Uint8Array) => Uint8Array = (b) => crypto.getRandomValues(b)): string {
  const time = Math.floor(now).toString(36).padStart(9, "0");
  let tail = "";
  for (const byte of random(new Uint8Array(9))) tail += ALPHABET[byte % 36];
  return `${prefix}_${time}${tail}`;
}
