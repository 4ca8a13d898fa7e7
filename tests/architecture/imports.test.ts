/** Holds the house together: who may import whom, who reads the clock and the environment. docs/architecture.md says why. */

import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

const ROOT = join(import.meta.dir, "..", "..");
/** The composition root in its files, and the two verbs that put a part of the house together while no server runs. Nothing else names an adapter. */
const ROOT_PARTS = ["ground", "pacing", "screens", "front", "measured"].map((part) => `src/app/${part}.ts`);
const COMPOSERS = ["src/app.ts", ...ROOT_PARTS, "src/cli/offline.ts", "src/cli/demo.ts"];
/** What the command line may ask the machine itself: who sits here, which Signalbox holds the folder, the service manager. */
const MACHINE = ["adapters/linux", "adapters/systemd"];
const FEATURES = ["fleet", "permits", "results", "activation", "alerts", "hosts", "access"];

interface Import {
  from: string;
  to: string;
  /** Only types cross: nothing of it is there at run time. */
  types: boolean;
  /** By `import()`: loaded when that is reached. */
  late: boolean;
}

const files = [...new Bun.Glob("{src,views}/**/*.{ts,tsx}").scanSync(ROOT)].filter((file) => !/\.test\.tsx?$|\.d\.ts$/.test(file)).sort();
const textOf = new Map(files.map((file) => [file, readFileSync(join(ROOT, file), "utf8")]));
const imports = files.flatMap(importsOf);

/** Whose room a file lies in: `pairs`, `http`, `adapters/sqlite`, `views`; single files are their own. */
function room(file: string): string {
  if (file.startsWith("views/")) return "views";
  const [, first = "", second = ""] = file.split("/");
  return first === "adapters" ? `adapters/${second}` : first.replace(/\.tsx?$/, "");
}

/** What a room may import; itself always. `main -> cli -> app -> {http, adapters} -> features -> kernel`. */
function mayImport(from: string): string[] {
  if (from === "main") return ["cli", "config", "kernel"];
  if (from === "cli") return ["app", "config", "pairs", ...FEATURES, "kernel", ...MACHINE];
  if (from === "app") return [...adapters, "http", "config", "pairs", ...FEATURES, "kernel"];
  if (from === "http") return ["views", "pairs", ...FEATURES, "kernel"];
  // linux is the machine's own calls: every adapter may make them.
  if (from.startsWith("adapters/")) return ["adapters/linux", "pairs", ...FEATURES, "kernel"];
  if (FEATURES.includes(from)) return ["pairs", "kernel"];
  if (from === "pairs" || from === "config") return ["kernel"];
  return [];
}

const adapters = [...new Set(files.map(room).filter((each) => each.startsWith("adapters/")))];

function importsOf(file: string): Import[] {
  const text = textOf.get(file) ?? "";
  const found: Import[] = [];
  const add = (to: string, types: boolean, late = false) => {
    // What is embedded as text (migrations, the Python client) is no code of ours.
    if (/^\..*\.tsx?$/.test(to)) found.push({ from: file, to: normalize(join(dirname(file), to)), types, late });
  };
  for (const [, kind, names, to] of text.matchAll(/^(?:import|export)\s+(type\s+)?([^;"']*?)\s*from\s*"([^"]+)"/gms))
    add(to ?? "", kind !== undefined || onlyTypes(names ?? ""));
  for (const [, to] of text.matchAll(/^import\s*"([^"]+)"/gm)) add(to ?? "", false);
  for (const [, to] of text.matchAll(/\bimport\(\s*"([^"]+)"/g)) add(to ?? "", false, true);
  return found;
}

function onlyTypes(names: string): boolean {
  const inner = /^\{(.*)\}$/s.exec(names.trim())?.[1];
  return inner?.split(",").every((name) => name.trim() === "" || name.trim().startsWith("type ")) ?? false;
}

const shown = ({ from, to }: Import) => `${from} -> ${to}`;

test("what the runtime sees as imports is what these rules read", () => {
  const transpiler = { ts: new Bun.Transpiler({ loader: "ts" }), tsx: new Bun.Transpiler({ loader: "tsx" }) };
  for (const file of files) {
    const seen = transpiler[file.endsWith("x") ? "tsx" : "ts"].scanImports((textOf.get(file) ?? "").replace(/^#!.*/, ""));
    const known = new Set(imports.filter((each) => each.from === file).map((each) => each.to));
    for (const { path } of seen) if (/^\..*\.tsx?$/.test(path)) expect(known).toContain(normalize(join(dirname(file), path)));
  }
});

test("imports go downward: main -> cli -> app -> {http, adapters} -> features -> kernel; http -> views", () => {
  const wrong = imports.filter(({ from, to }) => {
    const [here, there] = [room(from), room(to)];
    const composes = COMPOSERS.includes(from) && there.startsWith("adapters/");
    return here !== "views" && here !== there && !composes && !mayImport(here).includes(there);
  });
  expect(wrong.map(shown)).toEqual([]);
});

test("views import views, and types of the rest", () => {
  const wrong = imports.filter(({ from, to, types }) => room(from) === "views" && room(to) !== "views" && !types);
  expect(wrong.map(shown)).toEqual([]);
});

test("adapters are named by those who put the house together, and by nobody else", () => {
  const namers = imports.filter(({ from, to }) => room(to).startsWith("adapters/") && !room(from).startsWith("adapters/"));
  const wrong = namers.filter(({ from, to }) => !COMPOSERS.includes(from) && !(room(from) === "cli" && MACHINE.includes(room(to))));
  expect(wrong.map(shown)).toEqual([]);
});

test("no file of a feature, of http or of a view asks the clock itself", () => {
  const asking = files.filter((file) => {
    const here = room(file);
    const held = ["pairs", "http", "views", ...FEATURES].includes(here);
    return held && /\bDate\.now\b|\bnew Date\(\)/.test(withoutComments(textOf.get(file) ?? ""));
  });
  expect(asking).toEqual([]);
});

test("a start loads no schemas: the first ones of a process take a tenth of it", () => {
  const loaded = new Set(["src/main.ts", "src/app.ts"]);
  for (const file of loaded) for (const { from, to, types, late } of imports) if (from === file && !types && !late) loaded.add(to);
  expect([...loaded].filter((file) => /^import (?!type ).*"zod"/m.test(textOf.get(file) ?? ""))).toEqual([]);
});

test("only config.ts reads the environment", () => {
  const reading = files.filter((file) => /\b(process|Bun|import\.meta)\.env\b/.test(withoutComments(textOf.get(file) ?? "")));
  expect(reading).toEqual(["src/config.ts"]);
});

test("nothing is given to a shell", () => {
  const shells = /\bBun\.\$|import\s*\{[^}]*\$[^}]*\}\s*from\s*"bun"|\bexec(Sync)?\(\s*["'`]|shell:\s*true/;
  expect(files.filter((file) => shells.test(withoutComments(textOf.get(file) ?? "").replace(/\.exec\(/g, "")))).toEqual([]);
});

test("every file opens with its promise", () => {
  const silent = files.filter((file) => !/^(#!.*\n)?\/\*\*/.test(textOf.get(file) ?? ""));
  expect(silent).toEqual([]);
});

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|[^:"'`])\/\/.*$/gm, "$1");
}
