/** The filter people type. Pure; public/scripts filters by the same rule. */

/**
 * Every word of the query must stand somewhere: "uz crashed" is the crashed ones of Uzbekistan. One or two letters must begin a word:
 * "in" is India and not "running".
 */
export function matches(query: string, text: string): boolean {
  const lower = text.toLowerCase();
  const begins = ` ${lower.replace(/[^\p{L}\p{N}]+/gu, " ")}`;
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => (word.length > 2 ? lower.includes(word) : begins.includes(` ${word}`)));
}
