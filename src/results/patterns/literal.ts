/**
 * A text that every line holds which a regular expression matches: looking for it costs a hundredth of a match, and most lines of most
 * programs have nothing to say. Pure. In doubt there is none.
 */

/** The longest plain text on the expression's top level; null: none is sure. */
export function literalOf(regex: string): string | null {
  let best = "";
  let run = "";
  const end = () => {
    if (run.length > best.length) best = run;
    run = "";
  };
  for (let i = 0; i < regex.length; ) {
    const char = regex[i]!;
    // Alternatives need none of it; flags may mean another case.
    if (char === "|" || (char === "(" && /^\(\?[a-zA-Z-]*[imsU]/.test(regex.slice(i)) && !regex.startsWith("(?P<", i))) return null;
    if (char === "(" || char === "[") {
      end();
      const after = char === "(" ? groupEnd(regex, i) : classEnd(regex, i);
      if (after === null) return null;
      i = after;
    } else if (PLAIN.test(char)) {
      run += char;
      i++;
    } else if (char === "\\" && /[^\w\s]/.test(regex[i + 1] ?? "")) {
      run += regex[i + 1]!;
      i += 2;
    } else {
      // Anything else means something: . ^ $, an escape of a class, a control or \Q.
      if (char === "\\" && !/[bBdDsSwW]/.test(regex[i + 1] ?? "")) return null;
      end();
      i += char === "\\" ? 2 : 1;
    }
    const next = regex[i];
    if (next === "+") end();
    if (next === "?" || next === "*" || next === "{") {
      run = run.slice(0, -1);
      end();
    }
    if (next === "{") {
      const close = regex.indexOf("}", i);
      if (close < 0) return null;
      i = close + 1;
    }
    while (regex[i] === "?" || regex[i] === "*" || regex[i] === "+") i++;
  }
  end();
  return best.length >= LEAST ? best : null;
}

/** Shorter ones stand in most lines. */
const LEAST = 3;
const PLAIN = /^[A-Za-z0-9 _,:;=/@#%&<>"'!~-]$/;

/** Behind the parenthesis that closes the one at `from`. */
function groupEnd(regex: string, from: number): number | null {
  let depth = 0;
  for (let i = from; i < regex.length; ) {
    const char = regex[i]!;
    if (char === "\\") {
      if (regex[i + 1] === "Q") return null;
      i += 2;
      continue;
    }
    if (char === "[") {
      const after = classEnd(regex, i);
      if (after === null) return null;
      i = after;
      continue;
    }
    if (char === "(") depth++;
    if (char === ")" && --depth === 0) return i + 1;
    i++;
  }
  return null;
}

/** Behind the bracket that closes the class at `from`; a bracket that comes first is one of its characters. */
function classEnd(regex: string, from: number): number | null {
  let i = from + 1;
  if (regex[i] === "^") i++;
  if (regex[i] === "]") i++;
  while (i < regex.length) {
    if (regex[i] === "\\") i += 2;
    else if (regex.startsWith("[:", i)) {
      const close = regex.indexOf(":]", i);
      if (close < 0) return null;
      i = close + 2;
    } else if (regex[i] === "]") return i + 1;
    else i++;
  }
  return null;
}
