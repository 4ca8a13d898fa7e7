// Small comforts. Every page reads and every form works without this file.
(() => {
  const $ = (id) => document.getElementById(id);
  const { htmx } = window;
  const liveUrl = document.currentScript.dataset.live;
  /** Server time less ours. */
  let skewMs = Number(document.body.dataset.now) - Date.now();
  const now = () => Date.now() + skewMs;

  // ---- Live: the whole first, then changes; the pill says whether it is so ----

  const pill = $("live");
  let port = null;
  let heardAt = Date.now();
  let alive = null;
  let hideTimer = 0;

  function topics() {
    const own = document.body.dataset.topic;
    const beside = $("drawer")?.querySelector("[data-topic]")?.dataset.topic;
    return [...new Set([own, beside].filter(Boolean))];
  }

  function follow() {
    port?.postMessage({ topics: document.hidden ? [] : topics() });
  }

  async function connect() {
    if (topics().length === 0 || port) return;
    if (window.SharedWorker) port = new SharedWorker(liveUrl, "signalbox").port;
    else {
      await new Promise((done) => {
        const script = document.createElement("script");
        script.src = liveUrl;
        script.onload = done;
        document.head.append(script);
      });
      const channel = new MessageChannel();
      window.signalboxJoin(channel.port1);
      port = channel.port2;
    }
    port.onmessage = ({ data }) => hear(data);
    follow();
  }

  /** Characters of a message that changes much of the page: more than a few lamps. */
  const BUSY = 5_000;

  function hear({ topic, html, beat, lost }) {
    if (lost) {
      setAlive(false);
      void checkLogin();
      return;
    }
    heardAt = Date.now();
    if (beat) skewMs = beat - heardAt;
    setAlive(true);
    if (!topic || !html) return;
    // The first pair of an empty board needs the page around it.
    if (topic === "board" && !$("lines") && html.includes('id="line-')) return location.reload();
    document.body.toggleAttribute("data-busy", html.length > BUSY);
    apply(html);
    settle();
  }

  function setAlive(is) {
    if (!pill || alive === is) return;
    if (alive !== null || !is) $("live-said").textContent = is ? "live again" : "connection lost, reconnecting";
    alive = is;
    pill.classList.toggle("go", is);
    pill.classList.toggle("caution", !is);
    showPill();
  }

  function showPill() {
    if (!pill || alive === null) return;
    const age = Math.round((Date.now() - heardAt) / 1000);
    const text = alive ? "● Live" : `reconnecting, last data ${age} s ago`;
    if (pill.textContent !== text) pill.textContent = text;
    pill.title = alive ? `last word ${age} s ago` : "";
  }

  /** A stream that ended with its login cannot come back: the login page can. */
  async function checkLogin() {
    const answer = await fetch("/api/auth/me", { headers: { accept: "application/json" } }).catch(() => null);
    if (answer?.status === 401) location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
  }

  document.addEventListener("visibilitychange", () => {
    clearTimeout(hideTimer);
    // A glance at another tab is no reason to let go.
    if (document.hidden) hideTimer = setTimeout(follow, 10_000);
    else follow();
  });
  addEventListener("pagehide", () => port?.postMessage({ gone: true }));
  addEventListener("pageshow", (event) => event.persisted && follow());

  // Live parts are drawn by the same component each time, so their elements stand in the same places: a walk side by side finds what
  // differs. (htmx's own morph searches for moved elements; with 120 lamps that costs more than the change.)
  const OURS = new Set(["data-off", "data-open", "data-held", "open", "transform", "data-zoned", "data-said"]);

  function steady(old, fresh) {
    if (old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName || old.id !== fresh.id) return old.replaceWith(fresh);
    if (old.isEqualNode(fresh)) return;
    if (old.nodeType !== Node.ELEMENT_NODE) {
      old.nodeValue = fresh.nodeValue;
      return;
    }
    for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    if (old.attributes.length > fresh.attributes.length)
      for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name) && !OURS.has(name)) old.removeAttribute(name);
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

  /** Applies a message of the stream: templates that say which element and how. */
  function apply(html) {
    const box = document.createElement("template");
    box.innerHTML = html;
    for (const part of box.content.children) {
      const target = $(part.dataset.part);
      if (!target) continue;
      const { content } = part;
      if (part.dataset.how === "append") target.append(content);
      else if (part.dataset.how === "content") target.replaceChildren(content);
      else if (part.dataset.how === "members") members(target, content);
      else if (content.firstElementChild) steady(target, content.firstElementChild);
    }
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

  // ---- After each change: filter, order, clocks, output ----

  let drawn = 0;
  function settle() {
    cancelAnimationFrame(drawn);
    drawn = requestAnimationFrame(() => {
      filter();
      order();
      tick();
      trimOutput();
      markOpen();
    });
  }

  const box = $("filter");
  let filtered = box?.value !== "";
  const wordsOf = (row) => {
    const heading = row.closest(".line")?.querySelector("h3")?.textContent ?? "";
    const titles = [...row.querySelectorAll(".lamp, .name, th a")].map((found) => found.title);
    return `${heading} ${row.textContent} ${titles.join(" ")}`.toLowerCase();
  };

  function filter() {
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
    const none = $("no-match");
    if (none) none.hidden = shown > 0;
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

  const sorts = {
    trouble: (line) => -Number(line.firstElementChild.dataset.trouble),
    country: () => 0,
    volume: (line) => -Number(line.firstElementChild.dataset.volume),
    rate: (line) => Number(line.firstElementChild.dataset.rate),
  };

  /** Lines keep their order; only while nobody points at them do they move to where their trouble puts them. */
  function order() {
    const lines = $("lines");
    if (!lines || lines.matches(":hover") || lines.contains(document.activeElement)) return;
    const rank = sorts[lines.dataset.sort] ?? sorts.country;
    const is = [...lines.children];
    const should = is.toSorted((a, b) => rank(a) - rank(b) || (a.id < b.id ? -1 : 1));
    should.forEach((line, i) => {
      if (lines.children[i] !== line) lines.insertBefore(line, lines.children[i]);
    });
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

  function tick() {
    const at = now();
    for (const time of document.querySelectorAll("[data-since]")) say(time, duration(at - Number(time.dataset.since)));
    for (const time of document.querySelectorAll("[data-until]")) {
      const left = Number(time.dataset.until) - at;
      say(time, left > 0 ? duration(left + 999) : "now");
    }
    for (const path of document.querySelectorAll(".ticks")) {
      const moved = -Math.floor((at - Number(path.dataset.at)) / 1000) * Number(path.dataset.perSecond);
      const to = `translate(${moved.toFixed(1)} 0)`;
      if (path.getAttribute("transform") !== to) path.setAttribute("transform", to);
    }
    showPill();
  }
  const say = (element, text) => {
    if (element.textContent !== text) element.textContent = text;
  };

  const OUTPUT_LINES = 500;
  function trimOutput() {
    for (const tail of document.querySelectorAll(".tail")) {
      const lines = tail.textContent.split("\n");
      if (lines.length > OUTPUT_LINES + 100) tail.textContent = lines.slice(-OUTPUT_LINES).join("\n");
      if (tail.dataset.held === undefined) tail.scrollTop = tail.scrollHeight;
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

  // ---- The drawer: a session beside the board ----

  const drawer = $("drawer");
  let cameFrom = null;

  async function openDrawer(href) {
    await htmx.ajax("GET", href, { target: drawer, swap: "innerHTML" });
    if (!drawer.firstElementChild) return;
    // The board makes room and moves; what was clicked stays where it is.
    const before = cameFrom?.getBoundingClientRect().top;
    drawer.hidden = false;
    if (cameFrom?.isConnected) scrollBy(0, cameFrom.getBoundingClientRect().top - before);
    drawer.focus({ preventScroll: true });
    markOpen();
    settle();
    follow();
    await connect();
  }

  function closeDrawer() {
    if (drawer.hidden) return;
    drawer.hidden = true;
    drawer.replaceChildren();
    markOpen();
    follow();
    (cameFrom?.isConnected ? cameFrom : document.querySelector(`a[href="${cameFrom?.getAttribute("href")}"]`))?.focus();
  }

  function markOpen() {
    const name = drawer.querySelector("[data-session]")?.dataset.session;
    for (const lamp of document.querySelectorAll(".lamp[data-open]")) lamp.removeAttribute("data-open");
    if (name)
      for (const lamp of document.querySelectorAll(`.lamp[href="/sessions/${CSS.escape(name)}"]`)) lamp.setAttribute("data-open", "");
  }

  // ---- Dialogs: the page that asks before something ends, without leaving this one ----

  const dialog = $("dialog");
  let askedFrom = null;

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
      cameFrom = link;
      void openDrawer(link.getAttribute("href"));
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
      settle();
    });
  });

  document.addEventListener("keydown", (event) => {
    const typing = event.target.matches?.("input, textarea, select");
    if (event.key === "/" && !typing && box && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      box.focus();
      box.select();
    } else if (event.key === "Escape" && event.target === box) {
      box.value = "";
      box.dispatchEvent(new Event("input"));
      box.blur();
    } else if (event.key === "Escape" && !dialog.open) closeDrawer();
  });

  // What a form did is told once, not again on reload.
  const url = new URL(location.href);
  if (url.searchParams.has("done")) {
    url.searchParams.delete("done");
    history.replaceState(history.state, "", url);
  }
  if (location.hash === "#add") $("add")?.setAttribute("open", "");

  filter();
  tick();
  trimOutput();
  setInterval(() => {
    tick();
    order();
  }, 1000);
  void connect();
})();
