/** The pages over a world of the cast, behind a real server on a port of its own, under the strict policy they must live with. */

import { Hono } from "hono";
import { may } from "../../src/access/principal.ts";
import type { Role } from "../../src/access/role.ts";
import { type Assets, assetRoutes, openAssets } from "../../src/http/assets.ts";
import { boardRoutes } from "../../src/http/board.tsx";
import { countryPageRoutes } from "../../src/http/country-pages.tsx";
import { type EventHub, eventRoutes, openEventHub } from "../../src/http/events.ts";
import { gatewayPageRoutes } from "../../src/http/gateway-pages.tsx";
import { historyPageRoutes } from "../../src/http/history-pages.tsx";
import { holdPageRoutes } from "../../src/http/holds-pages.tsx";
import type { PageServices } from "../../src/http/page.tsx";
import { pairPageRoutes } from "../../src/http/pair-pages.tsx";
import { permitPageRoutes } from "../../src/http/permit-pages.tsx";
import { programPageRoutes } from "../../src/http/program-pages.tsx";
import { proofPageRoutes } from "../../src/http/proof-pages.tsx";
import type { Env, Route } from "../../src/http/route.ts";
import { sessionPageRoutes } from "../../src/http/session-pages.tsx";
import { settingsPageRoutes } from "../../src/http/settings-pages.tsx";
import { strangerPageRoutes } from "../../src/http/stranger-pages.tsx";
import { AppError } from "../../src/kernel/errors.ts";
import { classify } from "../../src/results/errors.ts";
import type { World } from "./board.ts";
import { madeUpActs, madeUpKeeping, madeUpMonths, madeUpPast } from "./past.ts";
import { strangersDouble } from "./strangers.ts";

export const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

let assets: Assets | null = null;

export function servicesOf(world: World): PageServices {
  assets ??= openAssets();
  const asked = { since: world.clock.now() - 3_600_000, of: () => ({ granted: 41, refused: { rate: 7 }, waiting: 1, lastUptimeMs: null }) };
  return {
    ...world,
    asked,
    strangers: strangersDouble(),
    events: openEventHub(world.clock),
    assets,
    errorClasses: { classify },
    nodeName: "sms-1.example",
  };
}

export function pageRoutes(services: PageServices): Route[] {
  return [
    ...boardRoutes(services),
    ...sessionPageRoutes(services),
    ...strangerPageRoutes(services),
    ...pairPageRoutes(services),
    ...countryPageRoutes(services),
    ...gatewayPageRoutes({ ...services, gatewayTotals: madeUpMonths(services.clock), houseFrom: "default" }),
    ...programPageRoutes(services),
    ...permitPageRoutes(services),
    ...proofPageRoutes(services),
    ...holdPageRoutes(services),
    ...historyPageRoutes({
      ...services,
      past: madeUpPast(services.clock, services.counters, { empty: services.directory.pairs().length === 0 }),
      documents: { acts: async () => madeUpActs(services.clock.now()) },
      errorClasses: { ...services.errorClasses, nameOf: (code) => classify(code)?.name ?? "unclassified" },
    }),
    ...settingsPageRoutes({ ...services, ...madeUpKeeping(services.clock) }),
    ...eventRoutes(services.events),
    ...assetRoutes(services.assets),
  ];
}

/** Every request comes from one person; the cookie `as=viewer` makes them a viewer. */
export function pagesApp(services: PageServices, role: Role = "admin"): Hono<Env> {
  const app = new Hono<Env>();
  for (const route of pageRoutes(services)) {
    app.on(route.method, route.path, (context) => {
      const as = /\bas=(viewer|operator|admin)\b/.exec(context.req.header("cookie") ?? "")?.[1];
      const principal = { kind: "user" as const, name: "anna", role: (as as Role | undefined) ?? role, login: "l_1" };
      context.set("principal", principal);
      context.set("expiresAt", null);
      context.set("address", "127.0.0.1");
      if (!may(principal, route.least)) throw new AppError("forbidden", `This needs ${String(route.least)}`);
      context.header("content-security-policy", POLICY);
      return route.handle(context);
    });
  }
  app.onError((error, context) => {
    if (!(error instanceof AppError)) throw error;
    return context.text(
      error.message,
      error.code === "not_found" ? 404 : error.code === "forbidden" ? 403 : error.code === "conflict" ? 409 : 400,
    );
  });
  return app;
}

export interface PagesServer {
  url: string;
  events: EventHub;
  stop(): Promise<void>;
}

export function servePages(services: PageServices, port = 0): PagesServer {
  const app = pagesApp(services);
  const server = Bun.serve({ port, hostname: "127.0.0.1", fetch: (request, self) => app.fetch(request, { server: self }) });
  return {
    url: `http://127.0.0.1:${server.port}`,
    events: services.events,
    async stop() {
      services.events.closeAll();
      await server.stop(true);
    },
  };
}
