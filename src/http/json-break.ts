/** Where a text stops being JSON, in words with line and column: the runtime's own message names neither. */

const SPACE = /[ \t\r\n]*/y;
// In a string RFC 8259 forbids U+0000 to U+001F: of all control characters (Cc) it allows U+007F to U+009F.
const TOKEN =
  /[{}[\]:,]|"(?:[^"\\\p{Cc}]|[\u007f-\u009f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/uy;

type Want = "value" | "value or ]" | "name" | "name or }" | ":" | ", or }" | ", or ]" | "the end";

/** `line 2, column 7: found foo where a value should be`. The text must be broken; a whole one reads as `unknown`. */
export function whereJsonBreaks(text: string): string {
  const open: ("{" | "[")[] = [];
  let want: Want = "value";
  let at = 0;
  for (;;) {
    SPACE.lastIndex = at;
    SPACE.exec(text);
    at = SPACE.lastIndex;
    if (at >= text.length) return want === "the end" ? "unknown" : say(text, at, want);
    TOKEN.lastIndex = at;
    const token = TOKEN.exec(text)?.[0];
    const next: Want | null = token === undefined ? null : follow(token, want, open);
    if (token === undefined || next === null) return say(text, at, want);
    at += token.length;
    want = next;
  }
}

/** What has to come after this token, or null when it may not stand here. */
function follow(token: string, want: Want, open: ("{" | "[")[]): Want | null {
  const close = (): Want => {
    open.pop();
    return afterValue(open);
  };
  switch (token) {
    case "{":
    case "[":
      if (!want.startsWith("value")) return null;
      open.push(token);
      return token === "{" ? "name or }" : "value or ]";
    case "}":
      return want === "name or }" || want === ", or }" ? close() : null;
    case "]":
      return want === "value or ]" || want === ", or ]" ? close() : null;
    case ",":
      if (want === ", or }") return "name";
      return want === ", or ]" ? "value" : null;
    case ":":
      return want === ":" ? "value" : null;
    default:
      if (want.startsWith("name")) return token.startsWith('"') ? ":" : null;
      return want.startsWith("value") ? afterValue(open) : null;
  }
}

function afterValue(open: readonly ("{" | "[")[]): Want {
  const inside = open.at(-1);
  if (inside === undefined) return "the end";
  return inside === "{" ? ", or }" : ", or ]";
}

function say(text: string, at: number, want: Want): string {
  const before = text.slice(0, at);
  const line = before.split("\n").length;
  const column = at - before.lastIndexOf("\n");
  const found = at >= text.length ? "the end" : (/^[\w"'.-]{1,20}/.exec(text.slice(at))?.[0] ?? text.charAt(at));
  return `line ${line}, column ${column}: found ${found} where ${/^[nv]/.test(want) ? `a ${want}` : want} should be`;
}
