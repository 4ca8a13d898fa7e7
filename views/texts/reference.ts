/** Words of the API reference. */

export const reference = {
  title: "API",
  nouns: "Nouns of the API",
  machines: "The same for machines:",
  problems: "Errors are problem documents (RFC 9457) with code, detail and, for bad input, errors",
  leastTitle: "The least role, or the scope of the token, that may",
  takes: "Takes",
  gives: "Gives",
} as const;
