/** Makes a thing when it is first asked for: for what costs a start and may never be needed. */

export function lazily<T>(make: () => T): () => T {
  let made: { value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
