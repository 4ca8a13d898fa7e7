/** The filter people type: every word must be found; two letters only at the beginning of a word, because they are a country. Pure. */

export function matches(query: string, text: string): boolean {
  const lower = text.toLowerCase();
  const begins = ` ${lower.replace(/[^\p{L}\p{N}]+/gu, " ")}`;
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => (word.length > 2 ? lower.includes(word) : begins.includes(` ${word}`)));
}
