/** What the page of history shows. */

import type { By } from "../../src/results/history.ts";
import type { Past, PastNumbers } from "../../src/results/past.ts";
import type { ChartSpec } from "../charts/chart.tsx";
import type { LiveNumbersProps } from "../numbers/live.tsx";

export const HISTORY_CHARTS = ["rate", "messages", "latency", "pace", "errors"] as const;
export type HistoryChart = (typeof HISTORY_CHARTS)[number];

export interface HistoryProps {
  /** Why the range that was asked for is not shown; null: it is. */
  refused: string | null;
  /** `UZ Beeline`, `Uzbekistan`, `program1`, `All`. */
  name: string;
  /** `pair:UZ_beeline`; empty: the fleet. */
  of: string;
  /** Where it is configured: its page, or null. */
  home: string | null;
  /** Name and value of what else narrows it down: the form keeps it. */
  narrowed: [string, string][];
  /** How it stands at this moment; null: a range that is over, or of several things together. */
  live: LiveNumbersProps | null;
  /** null: nothing to tell apart. */
  by: HistoryBy | null;
  choices: { label: string; choices: { value: string; label: string }[] }[];
  now: number;
  /** IANA: whose days these are, and whose clocks the page reads. */
  timeZone: string;
  past: Past;
  /** `2026-01-05 12:00` of its ends. */
  span: { from: string; to: string };
  /** As the address has them. */
  from: string;
  to: string;
  interval: string;
  intervals: readonly string[];
  ranges: { label: string; href: string; current: boolean }[];
  earlier: string;
  /** null: it ends now. */
  later: string | null;
  csv: string;
  /** Answers the charts anew; null: a range that is over. */
  refresh: string | null;
  /** A range is added to it: `/history?pair=UZ_beeline&`. */
  zoom: string;
  charts: Record<HistoryChart, ChartSpec>;
  rows: HistoryRow[];
  errors: { code: string; name: string; n: number; share: number }[];
  marks: { at: number; time: string; words: string; tone: "go" | "caution" | "stop" | "quiet" }[];
}

/** What it is made of. */
export interface HistoryBy {
  by: By;
  ways: { by: By; href: string }[];
  rows: { name: string; href: string; numbers: PastNumbers }[];
  /** Rows that are not shown. */
  more: number;
}

/** A step, or several without anything. */
export type HistoryRow =
  | { kind: "step"; at: number; to: number; words: string; numbers: PastNumbers; mature: boolean; errors: string }
  | { kind: "gap"; words: string; until: string };
