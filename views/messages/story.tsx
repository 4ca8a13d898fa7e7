/** One message: where it stands, and every report of it in the order in which they came. */

import type { StoryLine } from "../../src/results/journal.ts";
import { dayAndTime, duration, exact, seconds } from "../format.ts";
import { PageHead } from "../frame.tsx";
import { Ago } from "../parts.tsx";
import { texts } from "../texts.ts";
import type { StoryProps } from "./props.ts";
import { MessageState } from "./state.tsx";

const words = texts.message;

export function StoryPage(props: StoryProps) {
  const { message, lines, now, nameOf, classOf } = props;
  const code = message.errorCode;
  const fact = (name: string, value: string | null) =>
    value === null ? null : (
      <>
        <dt>{name}</dt>
        <dd>{value}</dd>
      </>
    );
  return (
    <>
      <PageHead title={message.messageId} crumb={{ href: "/messages", text: words.title }} now={now} live={false} />
      <div class="columns">
        <section class="panel" aria-labelledby="stands">
          <h2 id="stands">{words.standsAt}</h2>
          <p>
            <MessageState state={message.state} /> <span class="quiet">{words.states[message.state]}</span>
          </p>
          <dl class="facts">
            {code !== null && (
              <>
                <dt>{words.error}</dt>
                <dd>
                  <code>{code}</code> {classOf(code) ?? words.unclassified}
                </dd>
              </>
            )}
            <dt>{words.columns.pair}</dt>
            <dd>
              <a href={`/pairs/${message.pair}`}>{nameOf.pair(message.pair)}</a>
            </dd>
            {fact(words.columns.program, message.program)}
            {message.session !== null && (
              <>
                <dt>{words.session}</dt>
                <dd>
                  <a href={`/sessions/${message.session}`}>{nameOf.session(message.session)}</a>
                </dd>
              </>
            )}
            <dt>{words.columns.submitted}</dt>
            <dd>
              <time datetime={new Date(message.submitAt).toISOString()}>{exact(message.submitAt)}</time>
            </dd>
            {fact(words.columns.phone, message.phoneMask)}
            {fact(words.permit, message.permitId)}
            {fact(words.columns.gateway, message.gateway)}
            {fact(words.columns.gatewayId, message.gatewayMessageId)}
            {fact(words.converted, message.convertedAt === null ? null : exact(message.convertedAt))}
          </dl>
        </section>
        <section class="panel timeline" aria-labelledby="story">
          <h2 id="story">{words.story}</h2>
          <ol>
            {lines.map((line) => (
              <Told line={line} now={now} classOf={classOf} />
            ))}
          </ol>
        </section>
      </div>
    </>
  );
}

function Told({ line, now, classOf }: { line: StoryProps["lines"][number]; now: number; classOf: StoryProps["classOf"] }) {
  const delayMs = line.receivedAt - line.at;
  return (
    <li class={toneOf(line)}>
      <Ago at={line.receivedAt} now={now} />
      <span class="when">{dayAndTime(line.receivedAt)}</span>
      <div>
        <p>
          <b>{line.told ?? line.to}</b>
          {line.part !== null && ` ${words.part(line.part, line.parts ?? 0)}`}{" "}
          {line.errorCode !== null && (
            <>
              <code>{line.errorCode}</code> <span>{classOf(line.errorCode) ?? words.unclassified}</span>{" "}
            </>
          )}
          <span>{words.by(line.teller)}</span>
        </p>
        <p class="quiet">{didOf(line)}</p>
        <p class="quiet">
          {words.happened(exact(line.at))}
          {delayMs >= 1000 && ` · ${words.heardAfter(duration(delayMs))}`}
          {line.latencyMs !== null && ` · ${words.latency(seconds(line.latencyMs))}`}
          {line.permitId !== null && ` · ${words.permit} ${line.permitId}`}
        </p>
        {line.body !== null && (
          <details>
            <summary>{words.raw}</summary>
            <pre class="lines-of-output" tabindex={0}>
              {line.body}
            </pre>
          </details>
        )}
      </div>
    </li>
  );
}

function didOf(line: StoryLine): string {
  if (line.kept !== null) return words.why[line.kept as keyof typeof words.why] ?? line.kept;
  const moved = line.from === null ? words.first(line.to) : words.moved(line.from, line.to);
  return line.from === "unknown" ? `${moved} ${words.late}` : moved;
}

function toneOf(line: StoryLine): string {
  if (line.kept === "contradiction") return "failed";
  if (line.kept !== null) return "noted";
  if (line.to === "delivered") return "began";
  return ["undelivered", "rejected", "expired", "failed"].includes(line.to) ? "failed" : line.to === "unknown" ? "warned" : "over";
}
