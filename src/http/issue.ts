/** What a schema does not accept, in the words of whoever typed it: zod's own sentences speak of types. Pure. */

/** Its sentence, and ours; `$1` is what it holds. The first that fits. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/^Invalid input: expected (.+), received undefined$/, "is required ($1)"],
  [/^Invalid input: expected int, received number$/, "must be a whole number"],
  [/^Invalid input: expected (.+), received (.+)$/, "must be $1, not $2"],
  [/^Invalid input: expected (.+)$/, "must be $1"],
  [/^Invalid ISO datetime$/, "must be a time with its offset, like 2026-12-31T18:00:00Z"],
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

/** As zod gives it, where a schema offers several shapes: what each of them says. */
export interface Issue {
  readonly code?: string;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly errors?: readonly (readonly Issue[])[];
  readonly issues?: readonly Issue[];
  readonly keys?: readonly string[];
}

/**
 * One issue for each field that is wrong. Of several shapes the one that is nearest speaks: that has the fewest faults, of those that
 * are of the right kind at all; of a name that is none, what is wrong with it.
 */
export function plainIssues(issues: readonly Issue[]): { path: readonly PropertyKey[]; message: string }[] {
  return issues.flatMap((issue): { path: readonly PropertyKey[]; message: string }[] => {
    const below = (inner: readonly Issue[]) => plainIssues(inner).map(({ path, message }) => ({ path: [...issue.path, ...path], message }));
    if (issue.code === "unrecognized_keys")
      return (issue.keys ?? []).map((key) => ({ path: [...issue.path, key], message: "is not known here" }));
    if (issue.code === "invalid_key" && issue.issues?.length) return below(issue.issues);
    if (issue.code !== "invalid_union" || issue.message !== "Invalid input" || !issue.errors?.length)
      return [{ path: issue.path, message: wordsOfIssue(issue.message) }];
    const near = issue.errors.filter((shape) => !shape.some((inner) => inner.path.length === 0 && inner.code === "invalid_type"));
    if (near.length > 0) return below(near.reduce((best, shape) => (shape.length < best.length ? shape : best)));
    const kinds = issue.errors.map((shape) => /^Invalid input: expected (.+), received (.+)$/.exec(shape[0]!.message));
    const [, , received] = kinds[0] ?? [];
    const wanted = [...new Set(kinds.flatMap((kind) => kind?.[1] ?? []))];
    return [{ path: issue.path, message: wordsOfIssue(`Invalid input: expected ${wanted.join(" or ")}, received ${received}`) }];
  });
}

export function wordsOfIssue(message: string): string {
  const option = /^Invalid option: expected one of (.+)$/.exec(message)?.[1];
  if (option !== undefined) return `must be ${inWords(option.split("|").map((word) => word.replace(/^"|"$/g, "")))}`;
  for (const [pattern, words] of WORDS) if (pattern.test(message)) return message.replace(pattern, words);
  return message;
}

function inWords(options: readonly string[]): string {
  return options.length < 2 ? options.join("") : `${options.slice(0, -1).join(", ")} or ${options.at(-1)}`;
}
