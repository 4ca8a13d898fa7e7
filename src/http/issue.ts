/** What a schema does not accept, in the words of whoever typed it: zod's own sentences speak of types. Pure. */

/** Its sentence, and ours; `$1` is what it holds. The first that fits. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/^Invalid input: expected (.+), received undefined$/, "is required ($1)"],
  [/^Invalid input: expected int, received number$/, "must be a whole number"],
  [/^Invalid input: expected (.+), received (.+)$/, "must be $1, not $2"],
  [/^Too small: expected (?:number|int) to be >=(\S+)$/, "must be at least $1"],
  [/^Too small: expected (?:number|int) to be >(\S+)$/, "must be more than $1"],
  [/^Too big: expected (?:number|int) to be <=(\S+)$/, "must be at most $1"],
  [/^Too big: expected (?:number|int) to be <(\S+)$/, "must be less than $1"],
  [/^Too small: expected string to have >=1 characters$/, "must not be empty"],
  [/^Too small: expected string to have >=(\d+) characters$/, "must have at least $1 characters"],
  [/^Too big: expected string to have <=(\d+) characters$/, "must have at most $1 characters"],
  [/^Too small: expected array to have >=1 items$/, "must name at least one"],
  [/^Too small: expected array to have >=(\d+) items$/, "must name at least $1"],
  [/^Too big: expected array to have <=(\d+) items$/, "must name at most $1"],
];

export function wordsOfIssue(message: string): string {
  const option = /^Invalid option: expected one of (.+)$/.exec(message)?.[1];
  if (option !== undefined) return `must be ${inWords(option.split("|").map((word) => word.replace(/^"|"$/g, "")))}`;
  for (const [pattern, words] of WORDS) if (pattern.test(message)) return message.replace(pattern, words);
  return message;
}

function inWords(options: readonly string[]): string {
  return options.length < 2 ? options.join("") : `${options.slice(0, -1).join(", ")} or ${options.at(-1)}`;
}
