/**
 * The Prometheus text format, version 0.0.4: families as plain data in, text out, in pieces.
 *
 * Not prom-client: it keeps a labelled object per series and renders a family in one go, which at 35,000 series (1,000 pairs with
 * 20 error codes each) holds the event loop for 100 ms. A family here is a generator of lines, so a scrape can step aside between pieces.
 */

export type FamilyType = "counter" | "gauge" | "histogram";

export interface Family {
  name: string;
  help: string;
  type: FamilyType;
  /** Lines of samples, made with `sample`. */
  samples: () => Iterable<string>;
}

export const CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** So many lines are about 2 ms of work; then other requests have their turn. */
const PIECE = 2000;

/** The whole text. Resolves after as many turns of the event loop as there are pieces. */
export async function render(families: readonly Family[]): Promise<string> {
  let text = "";
  let lines = 0;
  for (const family of families) {
    text += `# HELP ${family.name} ${escapeHelp(family.help)}\n# TYPE ${family.name} ${family.type}\n`;
    for (const line of family.samples()) {
      text += line;
      if (++lines % PIECE === 0) await new Promise((next) => setImmediate(next));
    }
  }
  return text;
}

export type Labels = Readonly<Record<string, string>>;

/** `country="UZ",operator="uzmobile"`: made once per thing, shared by its samples. */
export function labelled(labels: Labels): string {
  let text = "";
  for (const name in labels) text += `${text ? "," : ""}${name}="${escapeLabel(labels[name]!)}"`;
  return text;
}

export function sample(name: string, labels: string, value: number): string {
  return labels === "" ? `${name} ${number(value)}\n` : `${name}{${labels}} ${number(value)}\n`;
}

function number(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
}

function escapeLabel(text: string): string {
  return /[\\"\n]/.test(text) ? text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n") : text;
}

function escapeHelp(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}
