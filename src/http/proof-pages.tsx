/** The proof of one country: `/permits/UZ`, and the topic `permits:UZ` that keeps it alive. */

import type { Context } from "hono";
import { ProofPage } from "../../views/permits/proof.tsx";
import { Against } from "../../views/permits/proof-against.tsx";
import { Breaches, Broken } from "../../views/permits/proof-breaches.tsx";
import { Kept, Now } from "../../views/permits/proof-now.tsx";
import type { Nested, ProofProps } from "../../views/permits/proof-props.ts";
import { Holders, stateOf, Waiters } from "../../views/permits/proof-slots.tsx";
import { notFound } from "../kernel/errors.ts";
import { countryCode } from "../pairs/input.ts";
import type { Breach } from "../permits/breach.ts";
import { budgetKey } from "./board.tsx";
import { budgetProps } from "./board-model.ts";
import { check } from "./body.ts";
import { parameter } from "./given.ts";
import { liveSource, type Part } from "./live.ts";
import { type PageServices, page } from "./page.tsx";
import type { Env, Route } from "./route.ts";

const MOST_BREACHES = 10;
/** How long a page waits for the last day before it says that it is being counted. */
const DAY_PATIENCE_MS = 150;

export function proofPageRoutes(services: PageServices): Route[] {
  services.events.resolve((topic) => {
    const code = /^permits:([A-Z]{2})$/.exec(topic)?.[1];
    return code !== undefined && isKnown(services, code) ? proofSource(services, code) : undefined;
  });
  return [
    {
      method: "GET",
      path: "/permits/:code",
      least: "viewer",
      summary: "The proof of a country",
      page: true,
      handle: (context) => show(services, context),
    },
  ];
}

function isKnown({ directory }: PageServices, code: string): boolean {
  return directory.countries().some((country) => country.code === code);
}

async function show(services: PageServices, context: Context<Env>) {
  const code = check(countryCode, parameter(context, "code"), "country");
  if (!isKnown(services, code)) throw notFound(`Country ${code}`);
  const [breaches] = await Promise.all([
    services.breaches.recent(code, MOST_BREACHES),
    Promise.race([services.days.counted(code).catch(() => null), Bun.sleep(DAY_PATIENCE_MS)]),
  ]);
  const props = propsOf(services, code, breaches);
  return page(context, services, {
    title: `${props.code} ${props.name}`,
    nav: "permits",
    topic: `permits:${code}`,
    body: <ProofPage {...props} />,
  });
}

function propsOf(services: PageServices, code: string, kept: readonly Breach[]): ProofProps {
  const { directory, permits, clock, days } = services;
  // One that began a moment ago may not be among the rows yet.
  const lasting = services.breaches.current(code);
  const breaches = lasting ? [lasting, ...kept.filter(({ id }) => id !== lasting.id)] : [...kept];
  const now = clock.now();
  const proof = permits.proof(code);
  const shared = permits.shared();
  const through = new Set(directory.pairs().flatMap(({ country, gateway }) => (country === code && gateway !== null ? [gateway] : [])));
  const nested: Nested[] = [...through].flatMap((gateway) => {
    const use = shared.gateways[gateway];
    return use ? [{ gateway, use }] : [];
  });
  if (shared.house) nested.push({ gateway: null, use: shared.house });
  return {
    now,
    code,
    name: directory.country(code).name,
    proof,
    nested,
    budget: budgetProps(proof, now, lasting !== null),
    waiters: permits.waiters(code),
    day: days.of(code),
    breaches,
    nameOf: (session) => directory.session(session)?.name ?? null,
  };
}

function proofSource(services: PageServices, code: string) {
  let breaches: Breach[] = [];
  const read = () =>
    services.breaches.recent(code, MOST_BREACHES).then(
      (found) => {
        breaches = found;
      },
      () => {},
    );
  // The page has them already; the first message may come before they are read.
  const first = read();
  return liveSource({
    everyMs: 1000,
    urgent(nudge) {
      void first.then(nudge);
      const leave = services.breaches.changed.subscribe((country) => {
        if (country === code) void read().then(nudge);
      });
      const leaveDirectory = services.directory.changed.subscribe(nudge);
      return () => {
        leave();
        leaveDirectory();
      };
    },
    now: services.clock.now,
    parts: () => partsOf(propsOf(services, code, breaches)),
  });
}

function partsOf(props: ProofProps): Part[] {
  const { code, proof, budget, nested, waiters, day, breaches } = props;
  const others = nested.map(({ gateway, use }) => `${gateway} ${use.used} ${use.limit}`).join(" ");
  const holders = proof.grants.map((holder) => `${holder.permitId} ${stateOf(holder).state}`).join("\n");
  const told = breaches.map(({ id, most, endedAt }) => `${id} ${most} ${endedAt}`).join("\n");
  const counted = JSON.stringify(day);
  return [
    part("broken", told, () => <Broken {...props} />, breaches),
    part("now", `${budgetKey(budget)} ${others}`, () => <Now {...props} />, budget),
    part("kept", counted, () => <Kept {...props} />, day),
    part("holders", `${holders} ${proof.uncontrolled}`, () => <Holders {...props} />, proof.grants),
    part(
      "waiters",
      waiters.map(({ pair, n, forMs }) => `${pair} ${n} ${Math.round((budget.at - forMs) / 1000)}`).join("\n"),
      () => <Waiters {...props} />,
      waiters,
    ),
    part(
      "against",
      `${counted} ${holders} ${proof.uncontrolled} ${JSON.stringify(proof.refused)}`,
      () => <Against {...props} />,
      proof.refused,
    ),
    part("breaches", told, () => <Breaches {...props} />, breaches),
  ];

  function part(name: string, key: string, draw: () => unknown, value: unknown): Part {
    return { id: `proof-${name}-${code}`, key, draw: () => String(draw()), data: () => value };
  }
}
