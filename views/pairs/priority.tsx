/** Giving high priority is one click; taking it away is asked first, because from then on the pair can be stopped. */

import { texts } from "../texts.ts";

const words = texts.pair;

export function PriorityLever({ id, priority, back, short = false }: { id: string; priority: boolean; back: string; short?: boolean }) {
  if (priority)
    return (
      <a class="button" href={`/pairs/${id}/priority?back=${encodeURIComponent(back)}`} data-dialog>
        {short ? words.deprioritiseShort : words.deprioritise}
        <span class="hush"> {id}</span>
      </a>
    );
  return (
    <form method="post" action={`/pairs/${id}/priorities`}>
      <input type="hidden" name="priority" value="on" />
      <input type="hidden" name="back" value={back} />
      <button type="submit">
        {short ? words.prioritiseShort : words.prioritise}
        <span class="hush"> {id}</span>
      </button>
    </form>
  );
}
