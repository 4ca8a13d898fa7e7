/** What moves by itself, against the server's clock: ages, countdowns and strips. */

let skewMs = Number(document.body.dataset.now) - Date.now();
const now = () => Date.now() + skewMs;

export function setServerTime(ms) {
  skewMs = ms - Date.now();
}

// The same ladder as views/format.ts.
function duration(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  if (s < 60) return `${s} s`;
  const min = Math.floor(s / 60);
  if (min < 60) return `${min} min`;
  const h = Math.floor(min / 60);
  if (h < 24) return `${h} h ${String(min % 60).padStart(2, "0")}`;
  return `${Math.floor(h / 24)} d ${h % 24} h`;
}

export function tick() {
  const at = now();
  for (const time of document.querySelectorAll("[data-since]")) say(time, duration(at - Number(time.dataset.since)));
  for (const time of document.querySelectorAll("[data-until]")) say(time, duration(Number(time.dataset.until) - at + 999));
  for (const path of document.querySelectorAll(".ticks")) {
    const moved = -Math.floor((at - Number(path.dataset.at)) / 1000) * Number(path.dataset.perSecond);
    const to = `translate(${moved.toFixed(1)} 0)`;
    if (path.getAttribute("transform") !== to) path.setAttribute("transform", to);
  }
}

export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// Exact times in the reader's own zone, made when somebody points at them.
document.addEventListener("mouseover", ({ target }) => {
  const time = target.closest?.("time[datetime]");
  if (time && !time.dataset.zoned) {
    time.dataset.zoned = "1";
    time.title = new Date(time.dateTime).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "long" });
  }
  const budget = target.closest?.(".budget[data-free-at]");
  if (budget) {
    budget.dataset.said ??= budget.title;
    const left = Number(budget.dataset.freeAt) - now();
    budget.title = left > 0 ? `${budget.dataset.said}; next free slot in ${duration(left + 999)}` : budget.dataset.said;
  }
});
