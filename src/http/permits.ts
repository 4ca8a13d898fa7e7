/** Permits over HTTP: a program asks, may wait, and sends only on a 201. Every 'no' is a problem document with its reason and when to come back. */

import type { Context } from "hono";
import { z } from "zod";
import type { Principal } from "../access/principal.ts";
import { type ErrorCode, forbidden, notFound } from "../kernel/errors.ts";
import { lazily } from "../kernel/lazily.ts";
import type { Directory } from "../pairs/directory.ts";
import { countryCode } from "../pairs/input.ts";
import { pairIdOf } from "../pairs/pair.ts";
import type { CountryProof, PermitAnswer, Permits, RefusalReason, Waiting } from "../permits/permit.ts";
import { permitRequest } from "../permits/request.ts";
import { bodyOf, check, DEFAULT_MAX_BYTES, readText } from "./body.ts";
import { principal } from "./caller.ts";
import { Ask } from "./permit-ask.ts";
import { problemResponse } from "./problem.ts";
import { leftOf, policiesOf, tightestOf } from "./rate-limit.ts";
import { senderOf } from "./results.ts";
import type { Asking, Env, Route } from "./route.ts";
import { wholeOf } from "./security.ts";

export interface PermitServices {
  permits: Pick<Permits, "ask" | "nested" | "proof" | "waiters">;
  directory: Directory;
}

export function permitRoutes(services: PermitServices): Route[] {
  return [
    {
      method: "POST",
      path: "/api/permits",
      plain: true,
      least: { scope: "permits" },
      summary: "Ask for a permit to send one message of a pair; waits up to wait_ms for a slot.",
      body: permitRequest,
      answer: permitAnswer,
      handle: (asking) => askForPermit(services, asking),
    },
    {
      method: "GET",
      path: "/api/permits/:country",
      least: "viewer",
      summary: "The proof: what a country's window holds now, who waits, and when the next slot is free.",
      answer: proofAnswer,
      handle: (context) => showProof(services, context),
    },
  ];
}

const compiledRequest = lazily(() => z.compile(permitRequest));

const permitAnswer = z.strictObject({
  permit_id: z.string(),
  pair: z.string(),
  lease_ms: z.number().int().describe("Hand the message over within this time of the answer, or drop the permit"),
  remaining: z.number().int(),
  granted_uptime_ms: z.number().describe("CLOCK_BOOTTIME of the grant, ms"),
  boot_id: z.string().describe("The boot that clock belongs to: /proc/sys/kernel/random/boot_id"),
});

const proofAnswer = z.strictObject({
  country: z.string(),
  limit: z.number().int(),
  window_ms: z.number().int(),
  used: z.number().int(),
  next_free_ms: z.number().int(),
  waiting: z.number().int(),
  uncontrolled: z.number().int(),
  grants: z.array(
    z.strictObject({
      permit_id: z.string(),
      pair: z.string(),
      program: z.string(),
      session: z.string().nullable(),
      age_ms: z.number().int(),
      reported: z.boolean(),
      open: z.boolean().describe("Its lease runs: the message may leave any moment"),
      abandoned: z.boolean().describe("Its caller was gone before the answer"),
    }),
  ),
  waiters: z.array(z.strictObject({ pair: z.string(), n: z.number().int(), for_ms: z.number().int() })).describe("The longest wait first"),
  broken: z.boolean().describe("More was sent than the limit allows, and the window still holds it"),
  refused: z.record(z.string(), z.number().int()),
});

async function askForPermit({ permits, directory }: PermitServices, context: Asking): Promise<Response> {
  const caller = principal(context);
  const body = bodyOf(context, await readText(context, DEFAULT_MAX_BYTES), compiledRequest());
  const pairs = "pairs" in body ? body.pairs : [pairIdOf(body.country, body.operator)];
  const { program, session } = askerOf(caller, body.session ?? null, directory);
  if (caller.kind === "run") refuseForeign(directory, caller.session, pairs);
  const request = context.req.raw;
  const waitMs = body.wait_ms;
  // Bun ends a request that stays silent (10 s by default); this one is meant to.
  if (waitMs > 0) context.env?.server?.timeout(request, 0);
  const answer = await permits.ask(new Ask(pairs, program, session, waitMs, request));
  return answer.granted ? granted(context, answer, { permits, directory }) : refused(context, answer, { pairs, permits, directory });
}

/** Who asks, in the words results will be matched by: a run speaks for its own session and no other; anybody else may name one. */
function askerOf(caller: Principal, named: string | null, directory: Directory): { program: string; session: string | null } {
  const { program, session } = senderOf(caller);
  if (session === null) return { program, session: named };
  const own = directory.session(session);
  // By id, because a program that runs since before its session was renamed still says the old name.
  if (named !== null && named !== session && (own === undefined || directory.session(named)?.id !== own.id))
    throw forbidden(`This token speaks for session ${own?.name ?? session} only, not for ${named}`);
  return { program, session };
}

function refuseForeign(directory: Directory, sessionId: string, pairs: readonly string[]): void {
  const session = directory.session(sessionId);
  const foreign = pairs.find((pair) => !session?.pairs.includes(pair));
  if (foreign !== undefined)
    throw forbidden(`Session ${session?.name ?? sessionId} does not serve ${foreign}: its token asks for its own pairs only`);
}

function granted(context: Asking, answer: Extract<PermitAnswer, { granted: true }>, { permits, directory }: PermitServices): Response {
  const { permitId, pair, leaseMs, remaining, grantedUptimeMs, bootId } = answer;
  // By hand: ids hold nothing that JSON would escape, and this is what a fleet waits for.
  const text = `{"permit_id":"${permitId}","pair":"${pair}","lease_ms":${leaseMs},"remaining":${remaining},"granted_uptime_ms":${grantedUptimeMs},"boot_id":"${bootId}"}`;
  const nested = permits.nested(pair);
  const policy = policiesOf(directory.country(directory.pair(pair)?.country ?? pair.slice(0, 2)), nested);
  const ratelimit = nested.length === 0 ? leftOf(remaining) : tightestOf(remaining, null, nested);
  return wholeOf(context)(context, "json", 201, text, { "ratelimit-policy": policy, ratelimit });
}

const CODES: Record<RefusalReason, ErrorCode> = {
  rate: "rate_limited",
  queue_full: "rate_limited",
  inactive: "conflict",
  paused: "conflict",
  held: "conflict",
  expired: "conflict",
  unknown_pair: "not_found",
  limiter_down: "unavailable",
};

function refused(
  context: Asking,
  { reason, retryAfterMs, message, budget }: Extract<PermitAnswer, { granted: false }>,
  asked: { pairs: readonly string[] } & PermitServices,
): Response {
  const more = budget === undefined ? undefined : { budget };
  const code = CODES[reason];
  const headers = code === "rate_limited" ? limitFields(asked, budget === "country" ? retryAfterMs : undefined) : undefined;
  return problemResponse(context, { code, detail: message, reason, retryAfterMs: retryAfterMs ?? undefined, more, headers });
}

/** Of the first pair. `fullForMs`: its country has no slot for so long; left out when another budget refused, which the body then names. */
function limitFields(
  { pairs, permits, directory }: { pairs: readonly string[] } & PermitServices,
  fullForMs: number | null | undefined,
): Record<string, string> {
  const first = pairs[0] ?? "";
  const country = directory.country(directory.pair(first)?.country ?? first.slice(0, 2));
  const nested = permits.nested(first);
  const policy = policiesOf(country, nested);
  if (fullForMs !== undefined) return { "ratelimit-policy": policy, ratelimit: leftOf(0, fullForMs) };
  const { limit, used, nextFreeMs } = permits.proof(country.code);
  return { "ratelimit-policy": policy, ratelimit: tightestOf(limit - used, nextFreeMs > 0 ? nextFreeMs : null, nested) };
}

function showProof({ permits, directory }: PermitServices, context: Context<Env>): Response {
  const code = check(countryCode, context.req.param("country") ?? "", "country");
  if (!directory.countries().some((country) => country.code === code)) throw notFound(`Country ${code}`);
  return Response.json(proofDocument(permits.proof(code), permits.waiters(code), directory), { headers: { "cache-control": "no-store" } });
}

/** The proof as it leaves the house. */
export function proofDocument(
  proof: CountryProof,
  waiters: readonly Waiting[],
  directory: Pick<Directory, "session">,
): z.infer<typeof proofAnswer> {
  return {
    country: proof.country,
    limit: proof.limit,
    window_ms: proof.windowMs,
    used: proof.used,
    next_free_ms: Math.ceil(proof.nextFreeMs),
    waiting: proof.waiting,
    uncontrolled: proof.uncontrolled,
    grants: proof.grants.map(({ permitId, ageMs, session, ...rest }) => ({
      permit_id: permitId,
      age_ms: Math.round(ageMs),
      session: session && (directory.session(session)?.name ?? session),
      ...rest,
    })),
    waiters: waiters.map(({ pair, n, forMs }) => ({ pair, n, for_ms: Math.round(forMs) })),
    broken: proof.uncontrolled > 0 && proof.used > proof.limit,
    refused: proof.refused,
  };
}
