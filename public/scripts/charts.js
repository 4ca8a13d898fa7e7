/**
 * Draws the charts of a page: each `.chart` says in `data-spec` what it shows (views/charts/chart.tsx), and asks `data-refresh` for it anew
 * once a minute while somebody looks. Loaded only by pages that have one, after Chart.js.
 */

const REFRESH_MS = 60_000;
const HOUR_MS = 3_600_000;
const dark = matchMedia("(prefers-color-scheme: dark)");
const drawn = new Map();

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const tones = { go: "go", caution: "caution", stop: "stop", quiet: "edge" };
const clock = (ms) => new Date(ms).toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

const units = {
  percent: (value) => `${value >= 10 ? Math.round(value) : Number(value.toFixed(1))}%`,
  mebibytes: (value) => (value >= 1024 ? `${(value / 1024).toFixed(1)} GB` : `${Number(value.toFixed(value < 10 ? 1 : 0))} MB`),
  count: (value) => value.toLocaleString(),
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

function draw(figure) {
  const spec = JSON.parse(figure.dataset.spec);
  drawn.get(figure)?.destroy();
  figure.classList.add("drawn");
  drawn.set(figure, new window.Chart(figure.querySelector("canvas"), configuration(spec)));
}

function configuration(spec) {
  const soft = token("soft");
  const rule = token("rule");
  const say = units[spec.series[0].unit];
  return {
    type: "line",
    plugins: [markLines],
    data: { datasets: spec.series.map((series) => dataset(series, spec)) },
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
          min: spec.from,
          max: spec.to,
          grid: { color: rule },
          border: { color: rule },
          afterBuildTicks: (axis) => {
            axis.ticks = hours(spec, axis.width).map((value) => ({ value }));
          },
          ticks: { color: soft, maxRotation: 0, autoSkip: false, padding: 4, callback: clock },
        },
        y: {
          beginAtZero: true,
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
        tooltip: {
          backgroundColor: token("ink"),
          titleColor: token("paper"),
          bodyColor: token("paper"),
          footerColor: token("paper"),
          displayColors: false,
          callbacks: {
            title: ([item]) => (item ? clock(item.parsed.x) : ""),
            label: (item) => `${item.dataset.label}: ${say(item.parsed.y)}`,
            footer: ([item]) => near(spec, item?.parsed.x),
          },
        },
      },
    },
  };
}

function dataset(series, { from, stepMs }) {
  return {
    label: series.label,
    data: series.values.map((y, i) => ({ x: from + i * stepMs, y })),
    borderColor: token(series.colour),
    backgroundColor: `color-mix(in srgb, ${token(series.colour)} 14%, transparent)`,
    fill: true,
    borderWidth: 1.5,
    // One value between two gaps has no line to show it.
    pointRadius: ({ dataIndex: i }) =>
      series.values[i] !== null && series.values[i - 1] == null && series.values[i + 1] == null ? 1.5 : 0,
    pointHitRadius: 8,
    spanGaps: false,
  };
}

/** Full hours of the reader's own zone, as many as there is room for. */
function hours({ from, to }, width) {
  const room = Math.max(2, Math.floor(width / 70));
  const every = [1, 2, 3, 4, 6, 8, 12, 24].find((hours) => (to - from) / (hours * HOUR_MS) <= room) ?? 24;
  const first = new Date(from);
  first.setMinutes(0, 0, 0);
  const ticks = [];
  for (let at = first.getTime(); at <= to; at += HOUR_MS) if (at >= from && new Date(at).getHours() % every === 0) ticks.push(at);
  return ticks;
}

/** What happened at that minute. */
function near({ marks, stepMs }, at) {
  return marks.filter((mark) => mark.at >= at - stepMs && mark.at < at + 2 * stepMs).map((mark) => `${clock(mark.at)} ${mark.label}`);
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
