/** What happened to a session, newest first: when, what, who, why, how it ended. One page of it follows the session live; older ones stand still. */

import type { Moment, Timeline } from "../../src/fleet/timeline.ts";
import { dayAndTime, duration } from "../format.ts";
import { Ago } from "../parts.tsx";
import { texts } from "../texts.ts";

const words = texts.session.timeline;

export interface TimelineProps {
  id: string;
  name: string;
  now: number;
  timeline: Timeline;
  /** The newest page is the one that follows. */
  newest: boolean;
}

export function SessionTimeline({ id, name, now, timeline, newest }: TimelineProps) {
  const { moments, nextCursor } = timeline;
  return (
    <section class="panel timeline" id={newest ? `${id}-timeline` : `${id}-timeline-older`} aria-labelledby="timeline">
      <h2 id="timeline">{words.title}</h2>
      {moments.length === 0 ? (
        <p class="quiet">{words.empty}</p>
      ) : (
        <ol>
          {moments.map((moment) => (
            <Happened moment={moment} now={now} />
          ))}
        </ol>
      )}
      {(nextCursor !== null || !newest) && (
        <p class="row">
          {!newest && (
            <a class="button" href={`/sessions/${name}#timeline`}>
              {words.newest}
            </a>
          )}
          {nextCursor !== null && (
            <a class="button" href={`/sessions/${name}?before=${nextCursor}#timeline`}>
              {words.older}
            </a>
          )}
        </p>
      )}
    </section>
  );
}

function Happened({ moment, now }: { moment: Moment; now: number }) {
  const { end, why } = moment;
  return (
    <li class={toneOf(moment)} id={keyOf(moment)}>
      <Ago at={moment.at} now={now} />
      <span class="when">{dayAndTime(moment.at)}</span>
      <div>
        <p>
          <b>{titleOf(moment)}</b> <span>{words.by[moment.by](moment.who ?? "")}</span>
          {end && <span class="quiet">{words.lasted(duration(end.lastedMs))}</span>}
        </p>
        {why !== null && why !== "" && <p class="quiet">{why}</p>}
        {end && end.lastLines.length > 0 && (
          <details>
            <summary>{words.lastLines(end.lastLines.length)}</summary>
            <pre class="lines-of-output" tabindex={0}>
              {end.lastLines.join("\n")}
            </pre>
          </details>
        )}
      </div>
    </li>
  );
}

export function titleOf({ event, end, subject }: Pick<Moment, "event" | "end" | "subject">): string {
  if (end) return words.ended[end.outcome as keyof typeof words.ended]?.(end.words) ?? end.words;
  const known = words.events[event as keyof typeof words.events];
  const what = subject === null ? "" : ` ${subject.replace(/^\w+:/, "")}`;
  // A word that a later version told of.
  return known === undefined ? `${event.replace(".", ": ")}${what}` : `${known}${what}`;
}

function toneOf({ event, end }: Moment): string {
  if (event === "run.start") return "began";
  if (end) return end.outcome === "stopped" || end.outcome === "success" ? "over" : "failed";
  return event === "session.freeze" || event === "session.silent" ? "warned" : "noted";
}

function keyOf({ at, event, run }: Moment): string {
  return `m-${event.replace(".", "-")}-${run ?? at}`;
}
