/** What stands above the end of an output: its name, a pause, the way to all of it. */

import { texts } from "../texts.ts";

const words = texts.output;

/** Shown where scripts run; output.js counts on it what waits. */
export function PauseButton({ id }: { id: string }) {
  return (
    <button
      type="button"
      class="pause"
      data-pause={`${id}-output`}
      data-words={JSON.stringify([words.pause, words.goOn, words.waiting])}
      aria-pressed="false"
    >
      {words.pause}
    </button>
  );
}

export function OutputHead({ id, name, lines }: { id: string; name: string; lines: number }) {
  return (
    <div class="output-head">
      <h3 id="output-title">
        {texts.session.output} <small>{texts.session.outputHint(lines)}</small>
      </h3>
      <PauseButton id={id} />
      <a href={`/sessions/${name}/output`}>{words.open}</a>
    </div>
  );
}
