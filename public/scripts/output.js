/** The end of an output as it comes: it follows, waits while somebody reads or has paused it, and reaches back. Bounded, whatever a program prints. */

const FOLLOWED_LINES = 500;
/** Of one who reads further up, or has loaded what stood before. */
const READ_LINES = 5000;
const WAITING_LINES = 500;
const MISSED = "⋯ lines missed while the connection was away ⋯";

/** By paused tail: lines that wait, the newest of them, and how many there were. */
const waiting = new WeakMap();

const linesOf = (text) => (text === "" ? [] : text.replace(/\n$/, "").split("\n"));

export function appendOutput(tail, text) {
  if (tail.dataset.paused === undefined) return void tail.append(text);
  const held = waiting.get(tail);
  const lines = linesOf(text);
  held.count += lines.length;
  held.lines.push(...lines);
  if (held.lines.length > WAITING_LINES) held.lines.splice(0, held.lines.length - WAITING_LINES);
  for (const button of buttonsOf(tail)) label(button, held);
}

/** The end, whole, after a connection began: what is known of it already stays where the reader sees it. */
export function joinOutput(tail, text) {
  const held = waiting.get(tail);
  const known = [...linesOf(tail.textContent), ...(tail.dataset.paused === undefined ? [] : held.lines)];
  const next = linesOf(text);
  if (known.length === 0) return void appendOutput(tail, text);
  // The last line was perhaps not whole yet when the page was drawn.
  for (const unsure of [0, 1]) {
    const sure = known.slice(0, known.length - unsure);
    for (let n = Math.min(sure.length, next.length); n > 0; n--) {
      if (!next.slice(0, n).every((line, i) => line === sure[sure.length - n + i])) continue;
      const rest = next.slice(n);
      if (rest.length > 0) appendOutput(tail, `${rest.join("\n")}\n`);
      return;
    }
  }
  if (next.length > 0) appendOutput(tail, `${MISSED}\n${next.join("\n")}\n`);
}

/** Keeps a tail at its end, unless its reader is elsewhere in it. */
export function trimOutput() {
  for (const tail of document.querySelectorAll(".tail")) {
    const reads = tail.dataset.held !== undefined || tail.dataset.paused !== undefined;
    const most = reads ? READ_LINES : FOLLOWED_LINES;
    const lines = tail.textContent.split("\n");
    if (lines.length > most + 100) tail.textContent = lines.slice(-most).join("\n");
    if (!reads) tail.scrollTop = tail.scrollHeight;
  }
}

// Whoever scrolled up reads; the tail waits for them.
document.addEventListener(
  "scroll",
  ({ target }) => {
    if (!target.classList?.contains("tail")) return;
    const atEnd = target.scrollHeight - target.scrollTop - target.clientHeight < 24;
    if (atEnd) delete target.dataset.held;
    else target.dataset.held = "";
  },
  true,
);

// ---- Pause ----

const buttonsOf = (tail) => document.querySelectorAll(`[data-pause="${tail.id}"]`);

function label(button, held) {
  const [pause, goOn, news] = JSON.parse(button.dataset.words);
  button.setAttribute("aria-pressed", String(held !== null));
  button.textContent = held === null ? pause : held.count === 0 ? goOn : news.replace("#", held.count.toLocaleString("en"));
}

function pause(tail) {
  tail.dataset.paused = "";
  const held = { lines: [], count: 0 };
  waiting.set(tail, held);
  for (const button of buttonsOf(tail)) label(button, held);
}

function goOn(tail) {
  const { lines, count } = waiting.get(tail);
  delete tail.dataset.paused;
  delete tail.dataset.held;
  if (count > lines.length) tail.append(`⋯ ${(count - lines.length).toLocaleString("en")} lines skipped ⋯\n`);
  if (lines.length > 0) tail.append(`${lines.join("\n")}\n`);
  for (const button of buttonsOf(tail)) label(button, null);
  trimOutput();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-pause]");
  const tail = button && document.getElementById(button.dataset.pause);
  if (tail) return tail.dataset.paused === undefined ? pause(tail) : goOn(tail);
  const earlier = event.target.closest?.("a[data-earlier]");
  if (!earlier || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  void loadEarlier(earlier);
});

// ---- What stood before ----

/** Above what is there, which stays where the reader sees it. The link moves on to what stood before that. */
async function loadEarlier(link) {
  const tail = document.querySelector(".output-page .tail");
  const answer = await fetch(link.href, { headers: { "HX-Request-Type": "partial" } }).catch(() => null);
  if (!tail || !answer || (answer.status !== 200 && answer.status !== 409)) return location.assign(link.href);
  const part = new DOMParser().parseFromString(await answer.text(), "text/html").body;
  const next = part.firstElementChild;
  const lines = part.querySelector("pre")?.textContent ?? "";
  if (tail.dataset.paused === undefined && buttonsOf(tail).length > 0) pause(tail);
  const fromEnd = tail.scrollHeight - tail.scrollTop;
  tail.prepend(lines);
  tail.scrollTop = tail.scrollHeight - fromEnd;
  if (tail.textContent.split("\n").length > READ_LINES - 1000) next.removeAttribute("data-earlier");
  link.replaceWith(next);
  if (next.matches("a")) next.focus({ preventScroll: true });
}
