/**
 * Puts a message of the stream into the page. Live parts are drawn by the same component each time, so their elements stand in the same
 * places: a walk side by side finds what differs. (htmx's own morph searches for moved elements; for 120 lamps that costs more than the
 * change itself.)
 */

import { appendOutput, joinOutput } from "./output.js";

/** What the reader or app.js put there and the server knows nothing of. */
const OURS = new Set(["data-off", "data-open", "data-held", "open", "transform", "data-zoned", "data-said"]);
/** More than this many at once are no news of a lamp but of the board, and fade for nobody. */
const MOST_FADES = 8;

let changedLamps = [];

/** Templates that say which element and how. */
export function apply(html) {
  const box = document.createElement("template");
  box.innerHTML = html;
  changedLamps = [];
  for (const part of box.content.children) {
    const target = document.getElementById(part.dataset.part);
    if (!target) continue;
    const { content } = part;
    if (part.dataset.how === "append") appendOutput(target, content.textContent);
    else if (part.dataset.how === "content") joinOutput(target, content.textContent);
    else if (part.dataset.how === "members") members(target, content);
    else if (content.firstElementChild) {
      const opened = [...target.querySelectorAll("li[id] details[open]")].map((details) => details.closest("li").id);
      steady(target, content.firstElementChild);
      // A new line above moves the others down: what the reader opened stays open where it is now.
      for (const id of opened) document.getElementById(id)?.querySelector("details")?.setAttribute("open", "");
    }
  }
  if (changedLamps.length <= MOST_FADES && !matchMedia("(prefers-reduced-motion: reduce)").matches)
    for (const lamp of changedLamps) lamp.animate({ opacity: [0.2, 1] }, 400);
}

/** A whole group: known members stay where the reader sees them, new ones are added, lost ones go; order() moves them afterwards. */
function members(group, content) {
  const known = new Map([...group.children].map((member) => [member.id, member]));
  for (const fresh of [...content.children]) {
    const old = known.get(fresh.id);
    known.delete(fresh.id);
    if (old) steady(old, fresh);
    else group.append(fresh);
  }
  for (const lost of known.values()) lost.remove();
}

function steady(old, fresh) {
  if (old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName || old.id !== fresh.id) return old.replaceWith(fresh);
  if (old.isEqualNode(fresh)) return;
  if (old.nodeType !== Node.ELEMENT_NODE) {
    old.nodeValue = fresh.nodeValue;
    return;
  }
  attributes(old, fresh);
  let to = fresh.firstChild;
  let from = old.firstChild;
  while (to) {
    const nextTo = to.nextSibling;
    if (from) {
      const nextFrom = from.nextSibling;
      steady(from, to);
      from = nextFrom;
    } else old.append(to);
    to = nextTo;
  }
  while (from) {
    const nextFrom = from.nextSibling;
    from.remove();
    from = nextFrom;
  }
}

function attributes(old, fresh) {
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) === value) continue;
    old.setAttribute(name, value);
    if (name === "class" && old.classList.contains("lamp")) changedLamps.push(old);
  }
  if (old.attributes.length > fresh.attributes.length)
    for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name) && !OURS.has(name)) old.removeAttribute(name);
}
