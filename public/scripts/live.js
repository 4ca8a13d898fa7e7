// One stream of changes for all tabs of this browser. Runs as a shared worker; where there is none, inside the page (app.js loads it).
//
// A tab says which topics it shows and hears them; a hidden or closed tab shows none. Whenever a tab comes, the stream is opened anew,
// because its first message is the whole: nobody has to ask what was missed.
(() => {
  const FIRST_RETRY_MS = 500;
  const LAST_RETRY_MS = 5000;
  /** The server speaks every 5 s. */
  const SILENCE_MS = 12000;

  const tabs = new Map(); // port -> topics
  let stream = null;
  let retryMs = FIRST_RETRY_MS;
  let retry = 0;
  let heardAt = 0;

  function join(port) {
    port.onmessage = ({ data }) => {
      const topics = data.topics || [];
      const before = tabs.get(port) || [];
      if (data.gone || topics.length === 0) tabs.delete(port);
      else tabs.set(port, topics);
      if (tabs.size === 0) close();
      else if (topics.some((topic) => !before.includes(topic))) open();
    };
    port.start?.();
  }

  function open() {
    close();
    const topics = [...new Set([...tabs.values()].flat())].sort();
    if (topics.length === 0) return;
    const own = new EventSource(`/events?topics=${encodeURIComponent(topics.join(","))}`);
    stream = own;
    heardAt = Date.now();
    own.onopen = () => {
      retryMs = FIRST_RETRY_MS;
    };
    own.onerror = () => own === stream && lost();
    own.addEventListener("beat", (event) => {
      heardAt = Date.now();
      tell({ beat: Number(event.data) });
    });
    for (const topic of topics) {
      own.addEventListener(topic, (event) => {
        heardAt = Date.now();
        for (const [port, wanted] of tabs) if (wanted.includes(topic)) port.postMessage({ topic, html: event.data });
      });
    }
  }

  function close() {
    clearTimeout(retry);
    stream?.close();
    stream = null;
  }

  // The browser would retry by itself, but not after every kind of end; this does, and never later than 5 s.
  function lost() {
    close();
    tell({ lost: true });
    retry = setTimeout(open, retryMs);
    retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
  }

  function tell(message) {
    for (const port of tabs.keys()) port.postMessage(message);
  }

  setInterval(() => {
    if (stream && Date.now() - heardAt > SILENCE_MS) lost();
  }, 2000);

  if ("onconnect" in self) self.onconnect = (event) => join(event.ports[0]);
  else self.signalboxJoin = join;
})();
