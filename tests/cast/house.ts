/** The real Signalbox in this process: its own folder, a free port, its own screens. Ends its sessions when the test file is over. */

import { afterAll } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type App, openApp } from "../../src/app.ts";
import { type Config, loadConfig } from "../../src/config.ts";
import { quiet } from "../../src/kernel/log.ts";
import { endAll } from "./screens.ts";

export interface House {
  app: App;
  url: string;
  folder: string;
  config: Config;
  /** A request as a Bearer; `as` is a token or nothing. */
  api(method: string, path: string, body?: unknown, as?: string | null): Promise<Answer>;
  /** Access tokens of an admin, an operator and a viewer. */
  admin: string;
  operator: string;
  viewer: string;
  /** Closed, then opened again; `meanwhile` while it is away. */
  reopen(meanwhile?: () => void): Promise<void>;
}

export interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the answer holds.
  json: any;
}

const PASSWORD = "a long enough password";

/** Short paths: a Unix socket's may have 107 bytes. */
export function houseFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "sbx-"));
  mkdirSync(join(folder, "screens"), { mode: 0o700 });
  return folder;
}

export function houseConfig(folder: string, flags: Record<string, string> = {}): Config {
  return houseSettings(folder, flags).config;
}

function houseSettings(folder: string, flags: Record<string, string>): ReturnType<typeof loadConfig> {
  return loadConfig({
    flags: {
      dataDir: join(folder, "data"),
      screenDir: join(folder, "screens"),
      listen: "127.0.0.1:0",
      node: "test",
      timeZone: "UTC",
      ...flags,
    },
    environment: { HOME: folder, PATH: process.env.PATH },
    readFile: () => undefined,
  });
}

export async function openHouse(flags: Record<string, string> = {}): Promise<House> {
  const folder = houseFolder();
  const { config, origins } = houseSettings(folder, flags);
  let app = await openApp(config, { log: quiet, origins });
  afterAll(async () => {
    await app.close();
    endAll(join(folder, "screens"));
    rmSync(folder, { recursive: true, force: true });
  });
  const self = { name: "test", from: "self" };
  for (const role of ["admin", "operator", "viewer"] as const)
    await app.services.access.addUser({ name: role, password: PASSWORD, role }, self);
  const login = async (name: string) => (await app.services.access.login(name, PASSWORD, "127.0.0.1", "test")).tokens.accessToken;
  const house: House = {
    app,
    url: app.url,
    folder,
    config,
    admin: await login("admin"),
    operator: await login("operator"),
    viewer: await login("viewer"),
    api: (method, path, body, as = house.admin) => request(house.url, method, path, body, as),
    async reopen(meanwhile) {
      await app.close();
      meanwhile?.();
      app = await openApp(config, { log: quiet, origins });
      house.app = app;
      house.url = app.url;
    },
  };
  return house;
}

export async function request(url: string, method: string, path: string, body?: unknown, as?: string | null): Promise<Answer> {
  const headers: Record<string, string> = {};
  if (as) headers.authorization = `Bearer ${as}`;
  if (body !== undefined) headers["content-type"] = "application/json";
  const text = typeof body === "string" ? body : body === undefined ? undefined : JSON.stringify(body);
  const response = await fetch(`${url}${path}`, { method, headers, body: text, redirect: "manual" });
  const answer = await response.text();
  return { status: response.status, headers: response.headers, json: parsed(answer) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
