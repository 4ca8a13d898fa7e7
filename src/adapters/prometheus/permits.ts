/** The countries' windows at the scrape, and what the limiter said since this process began. */

import type { Directory } from "../../pairs/directory.ts";
import type { Breaches } from "../../permits/breaches.ts";
import type { Holds } from "../../permits/holds.ts";
import type { CountryProof, Permits } from "../../permits/permit.ts";
import { counter, type Family, gauge } from "./family.ts";

export function permitFamilies(
  directory: Directory,
  permits: Permits,
  breaches: Pick<Breaches, "current" | "totals">,
  holds: { list: Holds["list"]; now: () => number },
  proofOf: (country: string) => CountryProof,
): Family[] {
  function ofCountries(name: string, help: string, read: (proof: CountryProof) => number): Family {
    return gauge(name, help, ["country"], function* () {
      for (const { code } of directory.countries()) yield [{ country: code }, read(proofOf(code))];
    });
  }
  return [
    ofCountries("signalbox_limiter_used", "Slots of the country's window that are taken now", (proof) => proof.used),
    ofCountries("signalbox_limiter_limit", "Slots of the country's window", (proof) => proof.limit),
    ofCountries("signalbox_limiter_window_seconds", "Length of the country's window", (proof) => proof.windowMs / 1000),
    ofCountries("signalbox_limiter_waiting", "Programs that wait for a slot", (proof) => proof.waiting),
    gauge("signalbox_limiter_broken", "1 while more than the limit was sent in the country's window", ["country"], function* () {
      for (const { code } of directory.countries()) yield [{ country: code }, breaches.current(code) ? 1 : 0];
    }),
    counter("signalbox_limit_breaches_total", "Times the country's limit was broken", ["country"], function* () {
      for (const { code } of directory.countries()) yield [{ country: code }, breaches.totals().get(code) ?? 0];
    }),
    gauge("signalbox_hold_remaining_seconds", "Until an emergency hold ends by itself: a country, a pair or all", ["what"], function* () {
      for (const { what, until } of holds.list()) yield [{ what }, Math.max(0, (until - holds.now()) / 1000)];
    }),
    counter("signalbox_permits_granted_total", "Permits granted", [], () => [[{}, permits.totals().granted]]),
    counter("signalbox_permits_refused_total", "Permits refused, by reason", ["reason"], () =>
      Object.entries(permits.totals().refused).map(([reason, n]) => [{ reason }, n]),
    ),
    counter("signalbox_uncontrolled_sends_total", "Messages sent without a permit of their own", [], () => [
      [{}, permits.totals().uncontrolled],
    ]),
  ];
}
