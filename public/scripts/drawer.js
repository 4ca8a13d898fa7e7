/** What opens beside or above a page: a session in the drawer, the question before something ends in the dialog. */

const drawer = document.getElementById("drawer");
const dialog = document.getElementById("dialog");
/** The link that opened the drawer. */
let cameFrom = null;
/** Where the question was asked: its answer is shown there. */
let askedFrom = null;
let afterChange = () => {};

/** `changed` is called after the drawer's content is another. */
export function setUpDrawer(changed) {
  afterChange = changed;
}

/** The topic of the session that stands beside the page. */
export function topicBeside() {
  return drawer.querySelector("[data-topic]")?.dataset.topic;
}

/** Its lamp on the board is marked. */
export function markOpen() {
  const name = drawer.querySelector("[data-session]")?.dataset.session;
  for (const lamp of document.querySelectorAll(".lamp[data-open]")) lamp.removeAttribute("data-open");
  if (name) for (const lamp of document.querySelectorAll(`.lamp[href="/sessions/${CSS.escape(name)}"]`)) lamp.setAttribute("data-open", "");
}

async function openDrawer(link) {
  cameFrom = link;
  await htmx.ajax("GET", link.getAttribute("href"), { target: drawer, swap: "innerHTML" });
  if (!drawer.firstElementChild) return;
  // The board makes room and moves; what was clicked stays where it is.
  const before = link.getBoundingClientRect().top;
  drawer.hidden = false;
  if (link.isConnected) scrollBy(0, link.getBoundingClientRect().top - before);
  drawer.focus({ preventScroll: true });
  afterChange();
}

function closeDrawer() {
  if (drawer.hidden) return;
  drawer.hidden = true;
  drawer.replaceChildren();
  afterChange();
  (cameFrom?.isConnected ? cameFrom : document.querySelector(`a[href="${cameFrom?.getAttribute("href")}"]`))?.focus();
}

async function openDialog(link) {
  askedFrom = drawer.contains(link) ? drawer : null;
  await htmx.ajax("GET", link.getAttribute("href"), { target: dialog, swap: "innerHTML" });
  dialog.showModal();
}

document.addEventListener("click", (event) => {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = event.target.closest("a, button");
  if (!link) return;
  if (link.hasAttribute("data-close") && (dialog.contains(link) || drawer.contains(link))) {
    event.preventDefault();
    if (dialog.contains(link)) dialog.close();
    else closeDrawer();
  } else if (link.hasAttribute("data-dialog")) {
    event.preventDefault();
    void openDialog(link);
  } else if (link.matches("a.lamp, a.opens")) {
    event.preventDefault();
    void openDrawer(link);
  }
});

// A lever of the drawer answers in the drawer; everywhere else the form goes its plain way.
document.addEventListener("submit", (event) => {
  const form = event.target;
  const inDrawer = drawer.contains(form) || (dialog.contains(form) && askedFrom === drawer);
  if (form.method !== "post" || !inDrawer) return;
  event.preventDefault();
  const values = Object.fromEntries(new FormData(form));
  if (dialog.open) dialog.close();
  void htmx.ajax("POST", form.getAttribute("action"), { target: drawer, swap: "innerHTML", values }).then(() => {
    drawer.focus({ preventScroll: true });
    afterChange();
  });
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && event.target.id !== "filter" && !dialog.open) closeDrawer();
});
