/**
 * Small comforts. Every page reads and every form works without these files.
 *
 * The stream: the whole first, then changes; the pill says whether it is so.
 */

import { markOpen, setUpDrawer, topicBeside } from "./drawer.js";
import { filter, order } from "./lines.js";
import { apply } from "./morph.js";
import { say, setServerTime, tick } from "./moving.js";
import { trimOutput } from "./output.js";
import "./rows.js";

const LIVE = new URL("live.js", import.meta.url);
/** A glance at another tab is no reason to let go of the stream. */
const HIDDEN_MS = 10_000;
const FIRST = /id="(line|row|proof)-/;

const pill = document.getElementById("live");
let port = null;
let heardAt = Date.now();
let alive = null;
let hideTimer = 0;
let drawn = 0;

async function connect() {
  if (port) return;
  if (window.SharedWorker) port = new SharedWorker(LIVE, "signalbox").port;
  else {
    await import(LIVE);
    const channel = new MessageChannel();
    window.signalboxJoin(channel.port1);
    port = channel.port2;
  }
  port.onmessage = ({ data }) => hear(data);
  follow();
}

function topics() {
  // What is held stands on every page.
  return [...new Set([document.body.dataset.topic, topicBeside(), "holds"].filter(Boolean))];
}

function follow() {
  port?.postMessage({ topics: document.hidden ? [] : topics() });
}

function hear({ topic, html, beat, lost }) {
  if (lost) {
    setAlive(false);
    void checkLogin();
    return;
  }
  heardAt = Date.now();
  if (beat) setServerTime(beat);
  setAlive(true);
  if (!topic || !html) return;
  // The first line, row or card of an empty page needs the page around it.
  if (document.querySelector(".empty") && FIRST.test(html)) return location.reload();
  apply(html);
  settle();
}

/** After each change, once before the next painting. */
function settle() {
  cancelAnimationFrame(drawn);
  drawn = requestAnimationFrame(() => {
    filter();
    tick();
    trimOutput();
    markOpen();
  });
}

function setAlive(is) {
  if (!pill || alive === is) return;
  if (alive !== null || !is) document.getElementById("live-said").textContent = is ? "live again" : "connection lost, reconnecting";
  alive = is;
  pill.classList.toggle("go", is);
  pill.classList.toggle("caution", !is);
  showPill();
}

function showPill() {
  if (!pill || alive === null) return;
  const age = Math.round((Date.now() - heardAt) / 1000);
  say(pill, alive ? "● Live" : `reconnecting, last data ${age} s ago`);
  pill.title = alive ? `last word ${age} s ago` : "";
}

/** A stream that ended with its login cannot come back: the login page can. */
async function checkLogin() {
  const answer = await fetch("/api/auth/me", { headers: { accept: "application/json" } }).catch(() => null);
  if (answer?.status === 401) location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
}

document.addEventListener("visibilitychange", () => {
  clearTimeout(hideTimer);
  if (document.hidden) hideTimer = setTimeout(follow, HIDDEN_MS);
  else follow();
});
addEventListener("pagehide", () => port?.postMessage({ gone: true }));
addEventListener("pageshow", (event) => event.persisted && follow());

setUpDrawer(() => {
  settle();
  follow();
  void connect();
});

// What a form did is told once, not again on reload.
const url = new URL(location.href);
if (url.searchParams.has("done")) {
  url.searchParams.delete("done");
  history.replaceState(history.state, "", url);
}
if (location.hash === "#add") document.getElementById("add")?.setAttribute("open", "");

filter();
tick();
trimOutput();
setInterval(() => {
  tick();
  showPill();
  // Not with each change: in a storm of them a line would move to and fro.
  order();
}, 1000);
void connect();
