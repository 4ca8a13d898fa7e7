/** The contents page: every route of the house, noun by noun. Each line of a noun's list names the least role that opens it. */

import type { Operations } from "../fleet/operations.ts";
import { VERSION } from "../kernel/version.ts";
import type { Permits } from "../permits/permit.ts";
import type { ErrorClasses } from "../results/error-classes.ts";
import type { Results } from "../results/results.ts";
import { actionPageRoutes } from "./action-pages.tsx";
import { actionRoutes } from "./actions.ts";
import { assetRoutes } from "./assets.ts";
import { type AuditServices, auditRoutes } from "./audit.ts";
import { type AuthServices, authRoutes } from "./auth.ts";
import { boardRoutes } from "./board.tsx";
import { breachRoutes } from "./breaches.ts";
import { clientRoutes } from "./client.ts";
import { countryRoutes } from "./countries.ts";
import { countryPageRoutes } from "./country-pages.tsx";
import { crashPageRoutes, crashRoutes } from "./crashes.tsx";
import { errorClassRoutes } from "./error-classes.ts";
import { errorPageRoutes } from "./error-pages.tsx";
import { eventRoutes } from "./events.ts";
import { exporterRoutes, type Metrics } from "./exporter.ts";
import { gatewayPageRoutes } from "./gateway-pages.tsx";
import { type GatewayTotalsServices, gatewayTotalsRoutes } from "./gateway-totals.ts";
import { gatewayRoutes } from "./gateways.ts";
import { type HealthServices, healthRoutes } from "./health.ts";
import { HEALTH_ANSWERS } from "./health-answers.ts";
import { historyRoutes } from "./history.ts";
import { historyPageRoutes } from "./history-pages.tsx";
import { holdRoutes } from "./holds.ts";
import { holdPageRoutes } from "./holds-pages.tsx";
import { type LedgerServices, ledgerRoutes } from "./ledger.ts";
import { loginRoutes } from "./login.tsx";
import { messagePageRoutes } from "./message-pages.tsx";
import { messageRoutes } from "./messages.ts";
import { metricsRoutes } from "./metrics.ts";
import { openApiRoutes } from "./openapi.tsx";
import { operatorRoutes } from "./operators.ts";
import { outputRoutes } from "./output.ts";
import { outputPageRoutes } from "./output-pages.tsx";
import type { PageServices } from "./page.tsx";
import { pairBatchRoutes } from "./pair-batches.ts";
import { pairEditRoutes } from "./pair-edits.ts";
import { pairExchangeRoutes } from "./pair-exchange.ts";
import { pairPageRoutes } from "./pair-pages.tsx";
import { type PairServices, pairRoutes } from "./pairs.ts";
import { patternPageRoutes } from "./pattern-pages.tsx";
import { type PatternServices, patternRoutes } from "./patterns.ts";
import { permitPageRoutes } from "./permit-pages.tsx";
import { permitRoutes } from "./permits.ts";
import { programPageRoutes } from "./program-pages.tsx";
import { programRoutes } from "./programs.ts";
import { proofPageRoutes } from "./proof-pages.tsx";
import { receiptRoutes } from "./receipts.ts";
import { resultRoutes } from "./results.ts";
import type { Route } from "./route.ts";
import { sessionChangeRoutes } from "./session-changes.tsx";
import { sessionHistoryRoutes } from "./session-history.ts";
import { sessionPageRoutes } from "./session-pages.tsx";
import { sessionRoutes } from "./sessions.ts";
import { type SettingsServices, settingsRoutes } from "./settings.ts";
import { settingsPageRoutes } from "./settings-pages.tsx";
import { strangerPageRoutes } from "./stranger-pages.tsx";
import { strangerRoutes } from "./strangers.ts";
import { summaryRoutes } from "./summary.ts";
import { tokenRoutes } from "./tokens.ts";
import { userRoutes } from "./users.ts";

export interface RouteServices
  extends Omit<PageServices, "counters" | "permits">,
    PairServices,
    AuthServices,
    AuditServices,
    SettingsServices,
    LedgerServices,
    Omit<HealthServices, "version"> {
  permits: Pick<Permits, "ask" | "nested" | "proof" | "totals" | "waiters" | "shared" | "changed">;
  results: Pick<Results, "ingest" | "counters" | "past" | "receipts" | "messages" | "story" | "phone">;
  errorClasses: ErrorClasses;
  operations: Operations;
  patterns: PatternServices["patterns"];
  gatewayTotals: GatewayTotalsServices["gatewayTotals"];
  houseFrom: string;
  metrics: Metrics;
  /** The Python client's text. */
  client: string;
}

export function routes(services: RouteServices): Route[] {
  const { counters, ingest } = services.results;
  const pages: PageServices = { ...services, counters };
  const assets = services.assets.frame;
  const listed: Route[] = [
    ...authRoutes(services),
    ...userRoutes(services),
    ...tokenRoutes(services),
    ...auditRoutes(services),

    ...programRoutes(services),
    ...patternRoutes(services),
    ...countryRoutes(services),
    ...gatewayRoutes(services),
    // Before the pairs: their ids come last.
    ...pairExchangeRoutes(services),
    ...pairEditRoutes(services),
    ...pairBatchRoutes(services),
    ...pairRoutes(services),
    ...operatorRoutes(),
    ...sessionRoutes(pages),
    ...sessionHistoryRoutes(pages),
    ...outputRoutes(pages),
    ...strangerRoutes(pages),
    ...actionRoutes(services.operations),
    ...crashRoutes(services),

    // Before the permits: a country's code comes last.
    ...ledgerRoutes(services),
    ...breachRoutes(services),
    ...permitRoutes(services),
    ...holdRoutes(services),
    ...resultRoutes({ ingest }),
    ...receiptRoutes(services.results),
    ...messageRoutes(services),
    ...errorClassRoutes({ ...services, counters }),
    ...gatewayTotalsRoutes(services),
    ...metricsRoutes({ ...services, counters }),
    ...historyRoutes({ ...services, counters, past: services.results.past }),
    ...summaryRoutes({ ...services, counters, past: services.results.past }),
    ...settingsRoutes(services),
    ...eventRoutes(services.events),

    ...healthRoutes({ ...services, version: VERSION }).map((route) => ({ ...route, answer: HEALTH_ANSWERS[route.path] })),
    ...exporterRoutes(services.metrics),
    ...clientRoutes(services.client),

    ...loginRoutes({ ...services, assets }),
    ...boardRoutes(pages),
    // Before the sessions: their names come last.
    ...outputPageRoutes(pages),
    ...sessionChangeRoutes(pages),
    ...actionPageRoutes({ ...pages, operations: services.operations }),
    ...crashPageRoutes(pages),
    ...sessionPageRoutes(pages),
    ...strangerPageRoutes(pages),
    ...pairPageRoutes(pages),
    ...countryPageRoutes(pages),
    ...gatewayPageRoutes({ ...pages, gatewayTotals: services.gatewayTotals, houseFrom: services.houseFrom }),
    ...programPageRoutes({ ...pages, byOutput: (program) => services.patterns.rulebook.of(program) !== undefined }),
    ...patternPageRoutes({ ...pages, patterns: services.patterns }),
    ...permitPageRoutes(pages),
    ...proofPageRoutes(pages),
    ...historyPageRoutes({ ...services, ...pages, errorClasses: services.errorClasses, past: services.results.past }),
    ...settingsPageRoutes({ ...services, ...pages }),
    ...errorPageRoutes({ ...pages, errorClasses: services.errorClasses }),
    ...messagePageRoutes({ ...pages, results: services.results, classOf: services.errorClasses.nameOf }),
    ...holdPageRoutes(pages),
    ...assetRoutes(services.assets),
  ];
  return [...listed, ...openApiRoutes(listed, { version: VERSION, assets })];
}
