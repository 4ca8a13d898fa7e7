/** The door of the house with everything behind it that needs no screens: real store, real access, real routes, a clock moved by hand. */

import type { Hono } from "hono";
import { type Access, openAccess } from "../../src/access/access.ts";
import type { Role } from "../../src/access/role.ts";
import { openSecrets } from "../../src/adapters/linux/secrets.ts";
import { aesVault } from "../../src/adapters/linux/vault.ts";
import { sqliteKeyring } from "../../src/adapters/sqlite/access.ts";
import { sqliteDocuments } from "../../src/adapters/sqlite/documents.ts";
import { buildApp } from "../../src/http/app.ts";
import { auditRoutes } from "../../src/http/audit.ts";
import { authRoutes } from "../../src/http/auth.ts";
import { countryRoutes } from "../../src/http/countries.ts";
import { loginRoutes } from "../../src/http/login.tsx";
import { openApiRoutes } from "../../src/http/openapi.tsx";
import { pairRoutes } from "../../src/http/pairs.ts";
import { programRoutes } from "../../src/http/programs.ts";
import type { Env, Route } from "../../src/http/route.ts";
import { tokenRoutes } from "../../src/http/tokens.ts";
import { userRoutes } from "../../src/http/users.ts";
import { fakeClock } from "../../src/kernel/clock.ts";
import { quiet } from "../../src/kernel/log.ts";
import { openDirectory } from "../../src/pairs/directory.ts";
import { openRoster } from "../../src/pairs/roster.ts";
import { ownFolder } from "./folder.ts";
import { anna } from "./people.ts";
import { ownStore } from "./store.ts";

export const PASSWORD = "correct horse battery";
export const ASSETS = { css: "/app.css", htmx: "/htmx.js", app: "/app.js", modules: [], icon: "/icon.svg" };

/** Everything a test of the door needs. `more` routes are mounted beside. */
export async function ownDoor(name: string, more: Route[] = [], publicUrl: string | null = null) {
  const store = await ownStore(name);
  const clock = fakeClock();
  const documents = sqliteDocuments(store);
  const secrets = openSecrets(ownFolder(`${name}-secrets`));
  const knownRuns = new Set<string>();
  const open = () =>
    openAccess({
      documents,
      keyring: sqliteKeyring(store),
      clock,
      log: quiet,
      key: secrets.key,
      isRunKnown: (run) => knownRuns.has(run),
    });
  const access = await open();
  const directory = await openDirectory(documents);
  const roster = openRoster(
    directory,
    clock,
    "node-1",
    aesVault(() => secrets.key("programs")()),
  );
  const services = { access, directory, roster, documents, publicUrl, assets: ASSETS };
  const listed = [authRoutes, userRoutes, tokenRoutes, auditRoutes, countryRoutes, pairRoutes, programRoutes, loginRoutes].flatMap((noun) =>
    noun(services),
  );
  const routes = [...listed, ...openApiRoutes(listed, { version: "1", assets: ASSETS }), ...more];
  const settings = { log: quiet, publicUrl, trustedProxies: [], metricsFromLoopback: false, assets: ASSETS };
  const app = buildApp(routes, { ...settings, gate: access });
  return {
    app,
    access,
    clock,
    documents,
    directory,
    roster,
    routes,
    knownRuns,
    /** As after a restart of Signalbox: the same store and keys, nothing remembered. */
    reopened: async () => buildApp(routes, { ...settings, gate: await open() }),
    /** A caller with a user of that role behind an access token. */
    as: (role: Role) => caller(app, access, role),
    call: (path: string, init: Init = {}) => send(app, path, init),
  };
}

export interface Init {
  method?: string;
  json?: unknown;
  form?: Record<string, string>;
  body?: string;
  headers?: Record<string, string>;
  cookie?: string;
}

export function send(app: Hono<Env>, path: string, init: Init = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  if (init.json !== undefined) headers.set("content-type", "application/json");
  if (init.cookie !== undefined) headers.set("cookie", init.cookie);
  const form = init.form && new URLSearchParams(init.form);
  const body = init.json === undefined ? (form ?? init.body) : JSON.stringify(init.json);
  const method = init.method ?? (body === undefined ? "GET" : "POST");
  return Promise.resolve(app.request(`http://127.0.0.1${path}`, { method, headers, body }));
}

async function caller(app: Hono<Env>, access: Access, role: Role) {
  if (!access.users.find(role)) await access.addUser({ name: role, password: PASSWORD, role }, anna);
  const { tokens } = await access.login(role, PASSWORD, "10.0.0.7", "test");
  const authorization = `Bearer ${tokens.accessToken}`;
  return (path: string, init: Init = {}) => send(app, path, { ...init, headers: { authorization, ...init.headers } });
}

/** What a browser would send back: name=value of every cookie that was set. */
export function cookiesOf(response: Response): string {
  return response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(";")[0])
    .join("; ");
}
