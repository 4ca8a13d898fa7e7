/**
 * Draws the charts of a page: each `.chart` says in `data-spec` what it shows (views/charts/chart.tsx), and asks `data-refresh` for it anew
 * once a minute while somebody looks. Loaded only by pages that have one, after Chart.js.
 */

const REFRESH_MS = 60_000;
const QUARTER_MS = 900_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const dark = matchMedia("(prefers-color-scheme: dark)");
const drawn = new Map();

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const tones = { go: "go", caution: "caution", stop: "stop", quiet: "edge" };

const formats = new Map();
/** Written by the clocks of a time zone; without one by the reader's own. */
const written = (options, zone, ms, language) => {
  const key = JSON.stringify([options, zone, language]);
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(language, { ...options, timeZone: zone }));
  return formats.get(key).format(ms);
};
const HOURS = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
const clock = ({ zone }, ms) => written(HOURS, zone, ms);
const day = ({ zone }, ms) => written({ day: "numeric", month: "short" }, zone, ms);
/** What the clock shows, in ms since midnight. */
const timeOfDay = ({ zone }, ms) => {
  const [hours, minutes] = written(HOURS, zone, ms, "en-GB").split(":");
  return (hours * 60 + Number(minutes)) * 60_000;
};
/** The midnight next to a moment; twice, because the clock may have changed in between. */
const midnight = (spec, ms) => {
  const near = ms - timeOfDay(spec, ms);
  const off = timeOfDay(spec, near);
  return off > DAY_MS / 2 ? near + DAY_MS - off : near - off;
};
/** The hour within a day, else the day; both in the tip of a point. */
const tick = (spec) => (ms) => (spec.to - spec.from > 2 * DAY_MS || timeOfDay(spec, ms) === 0 ? day(spec, ms) : clock(spec, ms));
const moment = (spec, ms) => {
  if (spec.to - spec.from <= DAY_MS) return clock(spec, ms);
  return spec.stepMs < DAY_MS ? `${day(spec, ms)} ${clock(spec, ms)}` : day(spec, ms);
};

const units = {
  percent: (value) => `${value >= 10 ? Math.round(value) : Number(value.toFixed(1))}%`,
  mebibytes: (value) => (value >= 1024 ? `${(value / 1024).toFixed(1)} GB` : `${Number(value.toFixed(value < 10 ? 1 : 0))} MB`),
  count: (value) => value.toLocaleString(),
  seconds: (value) => `${value >= 10 ? Math.round(value) : Number(value.toFixed(1))} s`,
};

/** Lines at the times of the marks, with a small head, under the curves. */
const markLines = {
  id: "markLines",
  beforeDatasetsDraw({ ctx, chartArea, scales: { x }, options }) {
    for (const { at, tone } of options.plugins.markLines.marks) {
      const place = Math.round(x.getPixelForValue(at)) + 0.5;
      if (place < chartArea.left || place > chartArea.right) continue;
      ctx.save();
      ctx.strokeStyle = ctx.fillStyle = token(tones[tone]);
      ctx.beginPath();
      ctx.setLineDash([3, 3]);
      ctx.moveTo(place, chartArea.top);
      ctx.lineTo(place, chartArea.bottom);
      ctx.stroke();
      ctx.beginPath();
      // Told apart without colour, too.
      if (tone === "go") {
        ctx.moveTo(place - 4, chartArea.bottom + 6);
        ctx.lineTo(place + 4, chartArea.bottom + 6);
        ctx.lineTo(place, chartArea.bottom);
      } else ctx.rect(place - 3, chartArea.bottom, 6, 6);
      ctx.fill();
      ctx.restore();
    }
  },
};

/** What may still change lies in the shade. */
const youth = {
  id: "youth",
  beforeDatasetsDraw({ ctx, chartArea, scales: { x }, options }) {
    const { from } = options.plugins.youth;
    if (from === undefined) return;
    const left = Math.max(chartArea.left, x.getPixelForValue(from));
    ctx.save();
    ctx.fillStyle = `color-mix(in srgb, ${token("edge")} 16%, transparent)`;
    ctx.fillRect(left, chartArea.top, chartArea.right - left, chartArea.bottom - chartArea.top);
    ctx.restore();
  },
};

function draw(figure) {
  const spec = JSON.parse(figure.dataset.spec);
  drawn.get(figure)?.destroy();
  figure.classList.add("drawn");
  drawn.set(figure, new window.Chart(figure.querySelector("canvas"), configuration(spec)));
  if (figure.dataset.zoom) zoomable(figure);
}

/** Drawing over a part leads to the page of that part. */
function zoomable(figure) {
  const plot = figure.querySelector(".plot");
  if (plot.querySelector(".zoom")) return;
  const shade = plot.appendChild(document.createElement("div"));
  shade.className = "zoom";
  let start = null;
  const place = (event) => {
    const { left, right } = drawn.get(figure).chartArea;
    return Math.min(right, Math.max(left, event.clientX - plot.getBoundingClientRect().left));
  };
  plot.addEventListener("pointerdown", (event) => {
    if (event.button === 0 && event.pointerType === "mouse") start = place(event);
  });
  window.addEventListener("pointermove", (event) => {
    if (start === null) return;
    const here = place(event);
    shade.style.left = `${Math.min(start, here)}px`;
    shade.style.width = `${Math.abs(here - start)}px`;
  });
  window.addEventListener("pointerup", (event) => {
    if (start === null) return;
    const [first, last] = [start, place(event)].sort((a, b) => a - b);
    start = null;
    shade.style.width = "0";
    // Less is a click.
    if (last - first < 8) return;
    const { x } = drawn.get(figure).scales;
    const spec = JSON.parse(figure.dataset.spec);
    const edges = [...spec.series[0].values.keys()].map((i) => startOf(spec, i)).concat(spec.to);
    const from = edges.findLast((at) => at <= x.getValueForPixel(first)) ?? spec.from;
    const to = edges.find((at) => at >= x.getValueForPixel(last)) ?? spec.to;
    location.assign(`${figure.dataset.zoom}from=${from / 1000}&to=${to / 1000}`);
  });
}

function configuration(spec) {
  const soft = token("soft");
  const rule = token("rule");
  const say = units[spec.series[0].unit];
  return {
    type: spec.bars ? "bar" : "line",
    plugins: [markLines, youth],
    data: {
      datasets: spec.series.flatMap((series) => (series.band ? [dataset(series, spec), ...band(series, spec)] : [dataset(series, spec)])),
    },
    options: {
      animation: false,
      responsive: true,
      maintainAspectRatio: false,
      parsing: false,
      normalized: true,
      interaction: { mode: "index", intersect: false },
      layout: { padding: { bottom: 2 } },
      scales: {
        x: {
          type: "linear",
          stacked: spec.bars,
          offset: false,
          min: spec.from,
          max: spec.to,
          grid: { color: rule },
          border: { color: rule },
          afterBuildTicks: (axis) => {
            axis.ticks = times(spec, axis.width).map((value) => ({ value }));
          },
          ticks: { color: soft, maxRotation: 0, autoSkip: false, padding: 4, callback: tick(spec) },
        },
        y: {
          beginAtZero: spec.least === undefined,
          min: spec.least,
          max: spec.most,
          stacked: spec.bars,
          // Charts under and beside each other share their time axis.
          afterFit: (axis) => {
            axis.width = 52;
          },
          // A flat line of noise must not look like a mountain.
          suggestedMax: spec.series[0].unit === "percent" ? 5 : 1,
          grid: { color: rule },
          border: { display: false },
          ticks: { color: soft, maxTicksLimit: 5, callback: say },
        },
      },
      plugins: {
        legend: { display: spec.series.length > 1, labels: { color: soft, boxWidth: 12 } },
        markLines: { marks: spec.marks },
        youth: { from: spec.youngFrom },
        tooltip: {
          backgroundColor: token("ink"),
          titleColor: token("paper"),
          bodyColor: token("paper"),
          footerColor: token("paper"),
          displayColors: false,
          callbacks: {
            title: ([item]) => (item ? moment(spec, item.parsed.x) : ""),
            label: (item) => `${item.dataset.label}: ${say(item.parsed.y)}`,
            footer: ([item]) => near(spec, item?.parsed.x),
          },
        },
      },
    },
  };
}

const startOf = ({ from, stepMs, starts }, i) => starts?.[i] ?? from + i * stepMs;

function dataset(series, spec) {
  const { stepMs, bars } = spec;
  // A bar stands on the middle of its step, a line goes from begin to begin.
  const off = bars ? stepMs / 2 : 0;
  return {
    label: series.label,
    data: series.values.map((y, i) => ({ x: startOf(spec, i) + off, y })),
    borderColor: token(series.colour),
    backgroundColor: bars ? token(series.colour) : `color-mix(in srgb, ${token(series.colour)} 14%, transparent)`,
    fill: !series.line,
    barPercentage: 1,
    categoryPercentage: 0.9,
    borderWidth: bars ? 0 : 1.5,
    // One value between two gaps has no line to show it.
    pointRadius: ({ dataIndex: i }) =>
      series.values[i] !== null && series.values[i - 1] == null && series.values[i + 1] == null ? 1.5 : 0,
    pointHitRadius: 8,
    spanGaps: false,
  };
}

/** Lower and upper end, and what lies between them. */
function band({ band: { lower, upper }, colour, label }, spec) {
  const end = (values, fill) => ({
    ...dataset({ label, colour, values, line: true }, spec),
    backgroundColor: `color-mix(in srgb, ${token(colour)} 18%, transparent)`,
    borderWidth: 0,
    pointRadius: 0,
    pointHitRadius: 0,
    fill,
  });
  return [end(upper, "+1"), end(lower, false)];
}

/** Full hours or days of the chart's zone, as many as there is room for. */
function times(spec, width) {
  const room = Math.max(2, Math.floor(width / 70));
  if ((spec.to - spec.from) / DAY_MS <= 2) return hours(spec, width);
  const every = [1, 2, 4, 7, 14, 28, 56, 112, 224, 448].find((days) => (spec.to - spec.from) / (days * DAY_MS) <= room) ?? 896;
  const ticks = [];
  // By noon: days are 23 to 25 hours long.
  for (let at = midnight(spec, spec.from); at <= spec.to; at = midnight(spec, at + every * DAY_MS + DAY_MS / 2))
    if (at >= spec.from) ticks.push(at);
  return ticks;
}

function hours(spec, width) {
  const { from, to } = spec;
  const room = Math.max(2, Math.floor(width / 70));
  const every = [1, 2, 3, 4, 6, 8, 12, 24].find((hours) => (to - from) / (hours * HOUR_MS) <= room) ?? 24;
  const ticks = [];
  // Some zones are a quarter or half an hour off.
  for (let at = Math.ceil(from / QUARTER_MS) * QUARTER_MS; at <= to; at += QUARTER_MS)
    if (timeOfDay(spec, at) % (every * HOUR_MS) === 0) ticks.push(at);
  return ticks;
}

/** What happened at that minute. */
function near(spec, at) {
  const { marks, stepMs, zone } = spec;
  return marks
    .filter((mark) => mark.at >= at - stepMs && mark.at < at + 2 * stepMs)
    .slice(0, 6)
    .map((mark) => `${moment({ from: 0, to: Number.MAX_SAFE_INTEGER, stepMs: 0, zone }, mark.at)} ${mark.label}`);
}

async function refresh() {
  if (document.hidden) return;
  const figures = [...document.querySelectorAll(".chart[data-refresh]")];
  for (const url of new Set(figures.map((figure) => figure.dataset.refresh))) {
    const answer = await fetch(url, { headers: { accept: "application/json" } }).catch(() => null);
    // A chart that is a minute old is better than none.
    if (!answer?.ok) continue;
    const specs = await answer.json();
    for (const figure of figures) {
      const spec = JSON.stringify(specs[figure.dataset.chart]);
      if (figure.dataset.refresh !== url || spec === undefined || spec === figure.dataset.spec) continue;
      figure.dataset.spec = spec;
      draw(figure);
    }
  }
}

function drawAll() {
  for (const figure of document.querySelectorAll(".chart")) draw(figure);
}

window.Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
window.Chart.defaults.font.size = 11;
drawAll();
dark.addEventListener("change", drawAll);
setInterval(refresh, REFRESH_MS);
document.addEventListener("visibilitychange", refresh);
