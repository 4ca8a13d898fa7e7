/** Two edited the same pair: field by field what it was, what is saved now and what was typed; either can be taken. */

import { texts } from "../texts.ts";
import type { ConflictProps, Difference } from "./props.ts";

const words = texts.pair;

export function ConflictForm({ conflict, swaps }: { conflict: ConflictProps; swaps?: Record<string, string> }) {
  const { id, differences } = conflict;
  const action = `/pairs/${id}/edits`;
  return (
    <form method="post" action={action} {...(swaps ? { "hx-post": action, ...swaps } : {})} class="conflict">
      <div class="notice stop" role="alert">
        <p>
          <b>{words.conflictTitle}:</b> <code>{id}</code>
        </p>
        <p>{differences.length === 0 ? words.conflictSame : words.conflictText}</p>
      </div>
      <input type="hidden" name="version" value={conflict.version} />
      {conflict.inline && <input type="hidden" name="inline" value="on" />}
      {Object.entries(conflict.typed).map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
      {Object.entries(conflict.saved).map(([name, value]) => (
        <input type="hidden" name={`base.${name}`} value={value} />
      ))}
      {differences.length > 0 && (
        <div class="conflict-fields">
          {differences.map((difference) => (
            <div class="conflict-field" role="radiogroup" aria-labelledby={`differs-${difference.name}-${id}`}>
              <p id={`differs-${difference.name}-${id}`}>
                <b>{difference.label}</b>{" "}
                <small class="quiet">
                  {words.conflictWas}: {difference.was || texts.none}
                </small>
              </p>
              <Choice difference={difference} take="now" />
              <Choice difference={difference} take="yours" />
            </div>
          ))}
        </div>
      )}
      <p class="row">
        {differences.length > 0 && (
          <button type="submit" class="main">
            {words.conflictSave}
          </button>
        )}
        {conflict.inline && swaps ? (
          <a class="button" href="/pairs" hx-get={`/pairs/${id}/row`} {...swaps} data-leaves>
            {words.conflictLeave}
          </a>
        ) : (
          <a class="button" href={`/pairs/${id}`}>
            {words.conflictLeave}
          </a>
        )}
      </p>
    </form>
  );
}

function Choice({ difference, take }: { difference: Difference; take: "now" | "yours" }) {
  return (
    <label>
      <input type="radio" name={`take.${difference.name}`} value={take} checked={difference.take === take} />{" "}
      <span class="quiet">{take === "now" ? words.conflictNow : words.conflictYours}:</span> <b>{difference[take] || texts.none}</b>
    </label>
  );
}
