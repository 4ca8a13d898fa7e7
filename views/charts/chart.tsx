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
  series: ChartSeries[];
  /** Lines at points in time: a run's start or end. */
  marks: ChartMark[];
}

export interface ChartSeries {
  label: string;
  unit: "percent" | "mebibytes" | "count";
  /** Which of the page's colours. */
  colour: "cold" | "go" | "caution" | "stop";
  /** One for each step; null is a gap and is drawn as one. */
  values: (number | null)[];
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
  refresh: string;
}

export function Chart({ name, title, hint, spec, refresh }: ChartProps) {
  return (
    <figure class="chart" data-chart={name} data-refresh={refresh} data-spec={JSON.stringify(spec)}>
      <figcaption>
        {title} <small>{hint}</small>
      </figcaption>
      <div class="plot">
        <canvas role="img" aria-label={`${title}, ${hint}. ${texts.chart.asTable}`} />
      </div>
    </figure>
  );
}
