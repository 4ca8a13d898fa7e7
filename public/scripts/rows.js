/** Tables by key: j and k or the arrows go from row to row, Enter follows the row's link by itself, e edits the row, Esc leaves that. */

const ROWS = "tbody[data-filtered] > tr:not([data-off])";

const rows = () => [...document.querySelectorAll(ROWS)];
const linkOf = (row) => row?.querySelector("th a");
const typing = (target) => target.matches?.("input, textarea, select");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.getElementById("dialog").open) return;
  const row = event.target.closest?.(ROWS);
  if (event.key === "Escape" && row?.classList.contains("editing")) {
    event.preventDefault();
    row.querySelector("[data-leaves]")?.click();
    return;
  }
  if (typing(event.target)) return;
  const key = latin(event);
  const step = { j: 1, k: -1, ArrowDown: 1, ArrowUp: -1 }[key];
  // The arrows scroll the page until somebody is in the table.
  if (step !== undefined && (row || key.length === 1)) move(event, row, step);
  else if (key === "e" && row) {
    event.preventDefault();
    row.querySelector("[data-edits]")?.click();
  }
});

/** On a keyboard of another alphabet the letter that lies there: о is j. */
function latin({ key, code }) {
  return key.length === 1 && key > "\u007f" && code.startsWith("Key") ? code.slice(3).toLowerCase() : key;
}

function move(event, row, step) {
  const all = rows();
  if (all.length === 0) return;
  event.preventDefault();
  const at = all.indexOf(row);
  const to = all[at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + step))];
  (linkOf(to) ?? to.querySelector("input, a, button"))?.focus();
}

/** The row that is being edited takes the focus, and gives it back to its link. */
let edited = null;
document.addEventListener("click", ({ target }) => {
  const lever = target.closest?.("[data-edits], [data-leaves]");
  if (lever) edited = lever.closest("tr")?.id ?? null;
});
document.addEventListener("submit", ({ target }) => {
  const row = target.closest?.("tr.editing");
  if (row) edited = row.id;
});
document.addEventListener("htmx:after:swap", () => {
  if (edited === null) return;
  const row = document.getElementById(edited);
  if (!row) return;
  edited = null;
  if (!row.classList.contains("editing")) return linkOf(row)?.focus();
  const first = row.querySelector(".wrong input, input[type=text], input[type=radio]:checked");
  first?.focus();
  if (first?.type === "text") first.select();
});

/** A link to the form that adds one opens it. */
document.addEventListener("click", ({ target }) => {
  if (target.closest?.('a[href="#add"]')) document.getElementById("add")?.setAttribute("open", "");
});
