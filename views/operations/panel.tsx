/** Under the table of sessions: what can be done with all that the filter shows. */

import { texts } from "../texts.ts";

const words = texts.operation;

export function ManyPanel({ query, shown }: { query: string; shown: number }) {
  const link = (action: string) => `/sessions/actions?${new URLSearchParams({ action, ...(query ? { q: query } : {}) })}`;
  return (
    <section class="many" id="many" aria-labelledby="many-title">
      <h2 id="many-title">
        {words.onThese(shown)} <small>{words.onTheseHint}</small>
      </h2>
      <p class="row">
        <a class="button" href={link("start")}>
          {words.action.start}
        </a>
        <a class="button" href={link("restart")}>
          {words.action.restart}
        </a>
        <a class="button danger" href={link("stop")}>
          {words.action.stop}
        </a>
        <a class="quiet" href="/crashes">
          {texts.crash.title}
        </a>
        <a class="quiet" href="/operations">
          {words.all}
        </a>
      </p>
    </section>
  );
}
