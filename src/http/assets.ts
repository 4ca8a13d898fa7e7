/** Styles, scripts and icons: read once, compressed once, under addresses that change with their content and may be kept for ever. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { AssetUrls } from "../../views/frame.tsx";
import { notFound } from "../kernel/errors.ts";
import { lazily } from "../kernel/lazily.ts";
import type { Route } from "./route.ts";

export interface Assets {
  /** `app.css` -> `/static/1f3c…/app.css`; throws when there is no such file. */
  url(name: string): string;
  frame: AssetUrls;
  /** In the order in which they are loaded: the library, then ours. */
  charts: readonly [library: string, module: string];
  get(hash: string, name: string): Asset | undefined;
}

interface Asset {
  hash: string;
  type: string;
  plain: Uint8Array<ArrayBuffer>;
  /** null when it does not get smaller. Compressed when first asked for. */
  gzip: () => Uint8Array<ArrayBuffer> | null;
}

const STYLES = "styles/";
/** Modules name each other by relative addresses, and the worker too: all of them share one hash. */
const SCRIPTS = "scripts/";
const ENTRY = "scripts/app.js";
const WORKER = "scripts/live.js";
/** Only on pages that have charts, after Chart.js. */
const CHARTS = "scripts/charts.js";
const CHART_LIBRARY = "vendor/chart.umd.min.js";

const TYPES: Record<string, string> = {
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
  png: "image/png",
  txt: "text/plain; charset=utf-8",
};

/** The browser's libraries, by their place under public/ and under node_modules/. The build copies them: scripts/vendor.ts. */
export const VENDOR: Record<string, string> = {
  "vendor/htmx.min.js": "htmx.org/dist/htmx.min.js",
  "vendor/chart.umd.min.js": "chart.js/dist/chart.umd.min.js",
};

/** In the executable the folder lies inside it (`--asset ./public`); in development it is the repository's. */
export function publicFolder(): string {
  return Bun.isStandaloneExecutable ? join(import.meta.dir, "public") : join(import.meta.dir, "..", "..", "public");
}

export function openAssets(folder = publicFolder()): Assets {
  const assets = new Map<string, Asset>();
  const files = [...pathsOf(folder)].map(([name, path]) => [name, new Uint8Array(readFileSync(path))] as const);
  const scripts = files.filter(([name]) => name.startsWith(SCRIPTS)).sort(byName);
  const scriptsHash = hashOf(scripts.map(([, bytes]) => bytes));
  for (const [name, plain] of [...files.filter(([name]) => !name.startsWith(STYLES)), sheet(files)]) {
    const type = TYPES[name.slice(name.lastIndexOf(".") + 1)];
    if (type === undefined) continue;
    const hash = name.startsWith(SCRIPTS) ? scriptsHash : hashOf([plain]);
    assets.set(name, { hash, type, plain, gzip: lazily(() => smaller(plain)) });
  }
  function url(name: string): string {
    const asset = assets.get(name);
    if (!asset) throw new Error(`public/${name} is missing`);
    return `/static/${asset.hash}/${name}`;
  }
  return {
    url,
    frame: {
      css: url("app.css"),
      htmx: url("vendor/htmx.min.js"),
      app: url(ENTRY),
      modules: scripts.flatMap(([name]) => (name === ENTRY || name === WORKER || name === CHARTS ? [] : [url(name)])),
      icon: url("icons/favicon.svg"),
    },
    charts: [url(CHART_LIBRARY), url(CHARTS)],
    get(hash, name) {
      const asset = assets.get(name);
      return asset?.hash === hash ? asset : undefined;
    },
  };
}

type File = readonly [name: string, bytes: Uint8Array<ArrayBuffer>];

const byName = ([a]: File, [b]: File) => (a < b ? -1 : 1);

function hashOf(parts: readonly Uint8Array[]): string {
  const hasher = new Bun.CryptoHasher("sha256");
  for (const part of parts) hasher.update(part);
  return hasher.digest("hex").slice(0, 12);
}

/** One block per view in public/styles, in the order of their numbers; one file for the browser. */
function sheet(files: readonly File[]): File {
  const blocks = files.filter(([name]) => name.startsWith(STYLES)).sort(byName);
  return ["app.css", new Uint8Array(Buffer.concat(blocks.map(([, bytes]) => bytes)))];
}

function smaller(plain: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> | null {
  const gzip = Bun.gzipSync(plain, { level: 9 });
  return gzip.length < plain.length ? gzip : null;
}

function pathsOf(folder: string): Map<string, string> {
  const paths = new Map(filesOf(folder).map((name) => [name, join(folder, name)]));
  if (Bun.isStandaloneExecutable) return paths;
  for (const [name, from] of Object.entries(VENDOR)) if (!paths.has(name)) paths.set(name, join(folder, "..", "node_modules", from));
  return paths;
}

function filesOf(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesOf(join(folder, entry.name)).map((name) => `${entry.name}/${name}`) : [entry.name],
  );
}

const FOR_EVER = "public, max-age=31536000, immutable";

export function assetRoutes(assets: Assets): Route[] {
  return [
    {
      method: "GET",
      path: "/static/:hash/:name{.+}",
      least: "public",
      summary: "Styles, scripts and icons",
      page: true,
      handle(context) {
        const asset = assets.get(context.req.param("hash") ?? "", context.req.param("name") ?? "");
        if (!asset) throw notFound("This file");
        const headers = { "content-type": asset.type, "cache-control": FOR_EVER, vary: "accept-encoding" };
        const gzip = /\bgzip\b/.test(context.req.header("accept-encoding") ?? "") ? asset.gzip() : null;
        if (gzip) return new Response(gzip, { headers: { ...headers, "content-encoding": "gzip" } });
        return new Response(asset.plain, { headers });
      },
    },
  ];
}
