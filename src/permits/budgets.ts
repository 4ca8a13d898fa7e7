/**
 * The windows of every budget a permit lies in: its country's, its pair's own, its gateway's, the house's. Limits come from the directory
 * and apply from the moment they change; a budget that gets its limit now starts from what the countries' logs hold of it.
 */

import type { Clock } from "../kernel/clock.ts";
import type { Country } from "../pairs/country.ts";
import type { Directory } from "../pairs/directory.ts";
import type { Pair } from "../pairs/pair.ts";
import type { BudgetName, BudgetUse, Shared, SharedUse } from "./limiter.ts";
import type { Grant } from "./permit.ts";
import { openWindow, type Window } from "./window.ts";

export interface Budgets {
  country(code: string): Window;
  /** Null: the pair has no limit of its own. */
  own(pair: Pair): Window | null;
  /** Null: the pair names no gateway, or one without a limit. */
  gateway(pair: Pair): Window | null;
  house: Window | null;
  /** Whether some budget spans several countries. */
  isShared(): boolean;
  /** A slot in all that there are, whether or not they have room. */
  add(country: string, pair: string, gateway: string | null, grant: Grant | null, endMs: number, n: number): void;
  report(grant: Grant, before: number, uptimeMs: number): void;
  /** The one with the longest wait; null when all have room. */
  fullest(pair: Pair, now: number): BudgetName | null;
  /** All but the country's. */
  nested(pair: Pair): readonly BudgetUse[];
  shared(now: number): Shared;
  /** Reads all limits anew. */
  recheck(): void;
}

export interface BudgetsOptions {
  directory: Directory;
  clock: Pick<Clock, "uptimeMs">;
  house: { limit: number; windowMs: number } | null;
  /** A country's limit as it applies from now on; `isNew`: nothing of the country came before. */
  onLimit: (country: string, limit: number, windowMs: number, isNew: boolean) => void;
}

export function openBudgets({ directory, clock, house: houseLimit, onLimit }: BudgetsOptions): Budgets {
  const countries = new Map<string, Window>();
  const pairs = new Map<string, Window>();
  /** By id; null: it has no limit. */
  const gateways = new Map<string, Window | null>();
  const house = houseLimit ? openWindow(houseLimit.limit, houseLimit.windowMs) : null;
  const settings = new Map<string, Country>();
  let shared = house !== null;

  for (const { id } of directory.gateways()) gatewayWindow(id);
  for (const pair of directory.pairs()) if (pair.limit !== null) pairs.set(pair.id, openWindow(pair.limit, windowMsOf(pair)));

  function settingOf(code: string): Country {
    let country = settings.get(code);
    if (!country) {
      country = directory.country(code);
      settings.set(code, country);
    }
    return country;
  }

  function windowMsOf(pair: Pair): number {
    return (pair.windowSeconds ?? settingOf(pair.country).windowSeconds) * 1000;
  }

  function countryWindow(code: string): Window {
    let window = countries.get(code);
    if (!window) {
      const { limit, windowSeconds } = settingOf(code);
      window = openWindow(limit, windowSeconds * 1000);
      countries.set(code, window);
      onLimit(code, limit, windowSeconds * 1000, true);
    }
    return window;
  }

  function own(pair: Pair): Window | null {
    if (pair.limit === null) return null;
    let window = pairs.get(pair.id);
    if (!window) {
      window = openWindow(pair.limit, windowMsOf(pair));
      for (const { grant, endMs } of countryWindow(pair.country).slots(clock.uptimeMs()))
        if (grant?.pair === pair.id) window.take(grant, endMs);
      pairs.set(pair.id, window);
    }
    return window;
  }

  function gatewayWindow(id: string): Window | null {
    let window = gateways.get(id);
    if (window === undefined) {
      const gateway = directory.gateway(id);
      window = gateway === undefined || gateway.limit === null ? null : openWindow(gateway.limit, gateway.windowSeconds * 1000);
      gateways.set(id, window);
      shared ||= window !== null;
      const now = clock.uptimeMs();
      for (const country of window ? countries.values() : [])
        for (const { grant, endMs } of country.slots(now)) if (grant?.gateway === id) window?.take(grant, endMs);
    }
    return window;
  }

  function gateway(pair: Pair): Window | null {
    return pair.gateway === null ? null : gatewayWindow(pair.gateway);
  }

  return {
    country: countryWindow,
    own,
    gateway,
    house,
    isShared: () => shared,
    add(country, pair, through, grant, endMs, n) {
      countryWindow(country).take(grant, endMs, n);
      pairs.get(pair)?.take(grant, endMs, n);
      if (through !== null) gateways.get(through)?.take(grant, endMs, n);
      house?.take(grant, endMs, n);
    },
    report(grant, before, uptimeMs) {
      countryWindow(grant.country).report(grant, before, uptimeMs);
      pairs.get(grant.pair)?.report(grant, before, uptimeMs);
      if (grant.gateway !== null) gateways.get(grant.gateway)?.report(grant, before, uptimeMs);
      house?.report(grant, before, uptimeMs);
    },
    fullest(pair, now) {
      let name: BudgetName | null = null;
      let longestMs = 0;
      const look = (budget: BudgetName, window: Window | null) => {
        const ms = window === null ? 0 : window.nextFreeMs(now);
        if (ms <= longestMs) return;
        name = budget;
        longestMs = ms;
      };
      look("country", countryWindow(pair.country));
      look("pair", own(pair));
      look("gateway", gateway(pair));
      look("house", house);
      return name;
    },
    nested(pair) {
      if (pair.limit === null && pair.gateway === null && house === null) return NONE;
      const now = clock.uptimeMs();
      const windows = { pair: own(pair), gateway: gateway(pair), house };
      return Object.entries(windows).flatMap(([name, window]) =>
        window === null ? [] : [{ name: name as BudgetName, ...useOf(window, now) }],
      );
    },
    shared: (now) => ({
      gateways: Object.fromEntries([...gateways].flatMap(([id, window]) => (window === null ? [] : [[id, useOf(window, now)]]))),
      house: house && useOf(house, now),
    }),
    recheck() {
      settings.clear();
      for (const [code, window] of countries) {
        const { limit, windowSeconds } = settingOf(code);
        window.configure(limit, windowSeconds * 1000);
        onLimit(code, limit, windowSeconds * 1000, false);
      }
      for (const [id, window] of pairs) {
        const pair = directory.pair(id);
        if (!pair || pair.limit === null) pairs.delete(id);
        else window.configure(pair.limit, windowMsOf(pair));
      }
      for (const [id, window] of gateways) {
        const found = directory.gateway(id);
        if (!found || found.limit === null || window === null) gateways.delete(id);
        else window.configure(found.limit, found.windowSeconds * 1000);
      }
      shared = house !== null || gateways.size > 0;
      for (const { id } of directory.gateways()) gatewayWindow(id);
    },
  };
}

const NONE: readonly BudgetUse[] = [];

function useOf(window: Window, now: number): SharedUse {
  return { limit: window.limit(), windowMs: window.windowMs(), used: window.used(now), nextFreeMs: window.nextFreeMs(now) };
}
