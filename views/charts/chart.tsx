/**
 * A chart on any page: public/scripts/charts.js draws what `spec` says, again when `refresh` answers anew. Without JavaScript nothing is
 * drawn, and the table that every page puts beside its charts says the same.
 */

import { texts } from "../texts.ts";

export interface ChartSpec {
  /** Wall ms of the first value, and of the end of the axis. */
  from: number;
  to: number;
  /** Between two values. */
  stepMs: number;
  /** Where each value stands, when steps differ: days on which clocks change. */
  starts?: number[];
  /** IANA: whose clocks the axis reads; the reader's own when left out. */
  zone?: string;
  series: ChartSeries[];
  /** Lines at points in time: a run's start or end. */
  marks: ChartMark[];
  /** From here on, wall ms, the values may still change: shaded. */
  youngFrom?: number;
  /** Stacked bars instead of lines. */
  bars?: boolean;
  /** Ends of the scale; without them it begins at 0 and fits. */
  least?: number;
  most?: number;
}

export interface ChartSeries {
  label: string;
  unit: "percent" | "mebibytes" | "count" | "seconds";
  /** Which of the page's colours. */
  colour: "cold" | "go" | "caution" | "stop" | "soft" | "edge";
  /** One for each step; null is a gap and is drawn as one. */
  values: (number | null)[];
  /** Its interval, drawn as a band around it. */
  band?: { lower: (number | null)[]; upper: (number | null)[] };
  /** Its area is not filled: for several lines that cross. */
  line?: boolean;
}

export interface ChartMark {
  at: number;
  label: string;
  tone: "go" | "caution" | "stop" | "quiet";
}

export interface ChartProps {
  /** Its name in what `refresh` answers: `{"cpu": spec}`. */
  name: string;
  title: string;
  hint: string;
  spec: ChartSpec;
  refresh?: string | undefined;
  /** Drawing over a part leads to this address with `from` and `to` of it. */
  zoom?: string | undefined;
}

export function Chart({ name, title, hint, spec, refresh, zoom }: ChartProps) {
  return (
    <figure class="chart" data-chart={name} data-refresh={refresh} data-zoom={zoom} data-spec={JSON.stringify(spec)}>
      <figcaption>
        {title} <small>{hint}</small>
      </figcaption>
      <div class="plot">
        <canvas role="img" aria-label={`${title}, ${hint}. ${texts.chart.asTable}`} />
      </div>
    </figure>
  );
}
