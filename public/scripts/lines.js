/** Lines and rows: which of them show, and in what order. */

// ---- Filter ----

const box = document.getElementById("filter");
let filtered = box !== null && box.value !== "";

export function filter() {
  if (!box) return;
  const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0 && !filtered) return;
  filtered = words.length > 0;
  let shown = 0;
  for (const group of document.querySelectorAll("[data-filtered]")) {
    for (const row of group.querySelectorAll(":scope > tr, :scope > li, :scope > .proof, :scope > .line .pair")) {
      const off = words.length > 0 && !hasAll(wordsOf(row), words);
      if (row.hasAttribute("data-off") !== off) row.toggleAttribute("data-off", off);
      if (!off && group.id !== "always-on") shown++;
    }
    for (const line of group.querySelectorAll(":scope > .line")) {
      const off = !line.querySelector(".pair:not([data-off])");
      if (line.hasAttribute("data-off") !== off) line.toggleAttribute("data-off", off);
    }
  }
  const none = document.getElementById("no-match");
  if (none) none.hidden = shown > 0;
}

function wordsOf(row) {
  const heading = row.closest(".line")?.querySelector("h3")?.textContent ?? "";
  const titles = [...row.querySelectorAll(".lamp, .name, th a")].map((found) => found.title);
  return `${heading} ${row.textContent} ${titles.join(" ")}`.toLowerCase();
}

/** The rule of board-model.ts: one or two letters must begin a word. */
function hasAll(text, words) {
  const begins = ` ${text.replace(/[^\p{L}\p{N}]+/gu, " ")}`;
  return words.every((word) => (word.length > 2 ? text.includes(word) : begins.includes(` ${word}`)));
}

box?.addEventListener("input", () => {
  // A page without a stream holds only what it was asked for.
  if (box.value === "" && box.defaultValue !== "" && !document.body.dataset.topic) return location.assign(location.pathname);
  filter();
  const url = new URL(location.href);
  if (box.value) url.searchParams.set("q", box.value);
  else url.searchParams.delete("q");
  history.replaceState(history.state, "", url);
});

// What the server left out, because of ?q=, comes with the stream; until then Enter asks the server.
box?.form.addEventListener("submit", (event) => document.body.dataset.topic && event.preventDefault());

document.addEventListener("keydown", (event) => {
  if (!box) return;
  if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.target.matches?.("input, textarea, select")) {
    event.preventDefault();
    box.focus();
    box.select();
  } else if (event.key === "Escape" && event.target === box) {
    box.value = "";
    box.dispatchEvent(new Event("input"));
    box.blur();
  }
});

// ---- Order ----

/** Numbers of a line stand in its first child, which changes alone; those of a row in the row. */
const numbersOf = (member) => (member.dataset.trouble === undefined ? member.firstElementChild.dataset : member.dataset);
const sorts = {
  trouble: (member) => -Number(numbersOf(member).trouble),
  country: () => 0,
  volume: (member) => -Number(numbersOf(member).volume),
  rate: (member) => Number(numbersOf(member).rate),
};
const nameOf = (member) => member.dataset.name ?? member.id;

/** Whoever points at a group or goes through it by key would lose their place. */
const AT_HAND_MS = 4000;
let atHandUntil = 0;
for (const kind of ["pointermove", "pointerdown", "wheel", "keydown", "focusin"])
  document.addEventListener(
    kind,
    ({ target }) => {
      if (target.closest?.("[data-sort]")) atHandUntil = performance.now() + AT_HAND_MS;
    },
    { passive: true },
  );

/** Members move to where their numbers put them, as few as possible: a moved one is laid out and painted anew. Called once a second. */
export function order() {
  if (performance.now() < atHandUntil) return;
  for (const group of document.querySelectorAll("[data-sort]")) {
    const rank = sorts[group.dataset.sort] ?? sorts.country;
    const places = [...group.children].map((member, place) => ({ member, place, rank: rank(member), name: nameOf(member) }));
    const should = places.toSorted((a, b) => a.rank - b.rank || (a.name < b.name ? -1 : 1));
    const stays = longestAscent(should.map(({ place }) => place));
    const focused = group.contains(document.activeElement) ? document.activeElement : null;
    let last = null;
    should.forEach(({ member }, i) => {
      if (!stays.has(i)) group.insertBefore(member, last ? last.nextSibling : group.firstChild);
      last = member;
    });
    if (focused !== document.activeElement) focused?.focus({ preventScroll: true });
  }
}

/** Indexes of the longest part that ascends already. */
function longestAscent(places) {
  const ends = []; // Of each length the index where the ascent with the lowest end ends.
  const before = [];
  places.forEach((place, i) => {
    let length = ends.length;
    while (length > 0 && places[ends[length - 1]] > place) length--;
    before[i] = ends[length - 1];
    ends[length] = i;
  });
  const found = new Set();
  for (let i = ends.at(-1); i !== undefined; i = before[i]) found.add(i);
  return found;
}
