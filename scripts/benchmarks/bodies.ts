/** Request bodies of the load generator, each different from the last: what a program posts, and what the peers take. */

export type BodySpec =
  /** Message reports, `batch` in one request (1: a bare object), over all pairs in turn; ids ascend, as the client makes them. */
  | { kind: "messages"; pairs: readonly PairName[]; idPrefix: string; at: string; batch: number; state: "attempt" | "submitted" }
  /** The same text every time. */
  | { kind: "same"; text: string }
  /** Two families of Prometheus text for the Pushgateway: the state and the time a message report carries. */
  | { kind: "pushgateway" };

export interface PairName {
  country: string;
  operator: string;
}

const COUNTRIES = ["UZ", "IN", "KZ", "TR", "PK", "BD", "ID", "VN", "PH", "NG", "KE", "EG", "BR", "MX", "PE", "CO", "PL", "RO", "UA", "GE"];

/** The pairs of a fleet as large as the demo's `--scale 120`. */
export const PAIRS: readonly PairName[] = COUNTRIES.flatMap((country) =>
  [1, 2, 3, 4, 5, 6].map((n) => ({ country, operator: `operator-${n}` })),
);

export function bodyMaker(spec: BodySpec): (sequence: number) => string {
  if (spec.kind === "same") return () => spec.text;
  if (spec.kind === "pushgateway")
    return (sequence) =>
      `# TYPE messages_sent counter\nmessages_sent{state="submitted"} ${sequence}\n# TYPE last_send gauge\nlast_send{state="submitted"} ${sequence}\n`;
  const { batch } = spec;
  const starts = spec.pairs.map(
    ({ country, operator }) => `{"country":"${country}","operator":"${operator}","message_id":"${spec.idPrefix}-`,
  );
  const end = `","state":"${spec.state}","at":"${spec.at}"}`;
  const one = (sequence: number) => `${starts[sequence % starts.length]}${String(sequence).padStart(9, "0")}${end}`;
  if (batch === 1) return one;
  return (sequence) => `[${Array.from({ length: batch }, (_, index) => one(sequence * batch + index)).join(",")}]`;
}
