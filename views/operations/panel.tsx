/** Under the table of sessions: what can be done with all of a selection. The words are asked for here, because the filter above may have moved on. */

import { texts } from "../texts.ts";

const words = texts.operation;

export function ManyPanel({ query }: { query: string }) {
  return (
    <section class="many" id="many" aria-labelledby="many-title">
      <h2 id="many-title">
        {words.onMany} <small>{words.onManyHint}</small>
      </h2>
      <form method="get" action="/sessions/actions" class="row">
        <div class="field">
          <label for="many-q">{words.which}</label>
          <input type="text" id="many-q" name="q" value={query} placeholder={words.whichAll} autocomplete="off" spellcheck={false} />
        </div>
        <button type="submit" name="action" value="start">
          {words.action.start}…
        </button>
        <button type="submit" name="action" value="restart">
          {words.action.restart}…
        </button>
        <button type="submit" name="action" value="stop" class="danger">
          {words.action.stop}…
        </button>
        <a class="button" href="/crashes">
          {texts.crash.title}
        </a>
        <a class="button" href="/operations">
          {words.title}
        </a>
      </form>
    </section>
  );
}
