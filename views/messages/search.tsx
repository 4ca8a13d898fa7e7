/** Messages found by id or phone number; below, what does not fit together: contradictions and receipts without a message. */

import type { KnownMessage } from "../../src/results/known.ts";
import { PageHead } from "../frame.tsx";
import { Ago, Empty } from "../parts.tsx";
import { texts } from "../texts.ts";
import { type SearchProps, storyHref } from "./props.ts";
import { MessageState } from "./state.tsx";

const words = texts.message;

export function MessagesPage(props: SearchProps) {
  const { found, error, now } = props;
  return (
    <>
      <PageHead title={words.title} now={now} live={false} />
      <form class="find sheet" method="post" action="/messages/searches">
        <label for="q">{words.find}</label>
        <div class="row">
          <input
            type="text"
            id="q"
            name="q"
            value={props.typed}
            required
            maxlength={128}
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            aria-describedby={error ? "q-error q-hint" : "q-hint"}
            aria-invalid={error ? "true" : undefined}
          />
          <button type="submit" class="main">
            {words.search}
          </button>
        </div>
        {error && (
          <p class="error" id="q-error">
            {error}
          </p>
        )}
        <p class="hint" id="q-hint">
          {words.hint}
        </p>
      </form>
      {found && <FoundMessages {...props} found={found} />}
      <Contradictions {...props} />
      <Orphans {...props} />
    </>
  );
}

function FoundMessages({ found, now, nameOf }: SearchProps & { found: NonNullable<SearchProps["found"]> }) {
  const { messages, phoneMask, more } = found;
  if (messages.length === 0)
    return (
      <Empty title={words.nothing}>
        <p>{phoneMask === null ? words.nothingHint : words.nothingPhone(phoneMask)}</p>
      </Empty>
    );
  return (
    <section aria-labelledby="found">
      <h2 id="found">{words.found(messages.length, more)}</h2>
      <div class="table">
        <table class="dense wide message-table">
          <thead>
            <tr>
              <th scope="col">{words.columns.id}</th>
              <th scope="col">{words.columns.state}</th>
              <th scope="col">{words.columns.pair}</th>
              <th scope="col">{words.columns.program}</th>
              <th scope="col">{words.columns.phone}</th>
              <th scope="col">{words.columns.submitted}</th>
            </tr>
          </thead>
          <tbody>
            {messages.map((message) => (
              <Row message={message} now={now} nameOf={nameOf} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Row({ message, now, nameOf }: { message: KnownMessage; now: number; nameOf: SearchProps["nameOf"] }) {
  return (
    <tr>
      <th scope="row">
        <a href={storyHref(message)}>{message.messageId}</a>
      </th>
      <td data-label={words.columns.state}>
        <MessageState state={message.state} /> {message.errorCode && <code>{message.errorCode}</code>}
      </td>
      <td data-label={words.columns.pair}>
        <a href={`/pairs/${message.pair}`}>{nameOf.pair(message.pair)}</a>
      </td>
      <td data-label={words.columns.program}>{message.program}</td>
      <td data-label={words.columns.phone}>{message.phoneMask ?? texts.none}</td>
      <td data-label={words.columns.submitted}>
        <Ago at={message.submitAt} now={now} />
      </td>
    </tr>
  );
}

function Contradictions({ contradictions, now, nameOf }: SearchProps) {
  return (
    <section class="panel" aria-labelledby="contradictions">
      <h2 id="contradictions">{words.contradictions}</h2>
      <p class="quiet">{contradictions.length === 0 ? words.noContradictions : words.contradictionsHint}</p>
      {contradictions.length > 0 && (
        <div class="table">
          <table class="dense wide message-table">
            <thead>
              <tr>
                <th scope="col">{words.columns.id}</th>
                <th scope="col">{words.columns.stands}</th>
                <th scope="col">{words.columns.told}</th>
                <th scope="col">{words.columns.pair}</th>
                <th scope="col">{words.columns.program}</th>
                <th scope="col">{words.columns.received}</th>
              </tr>
            </thead>
            <tbody>
              {contradictions.map((one) => (
                <tr>
                  <th scope="row">
                    <a href={storyHref(one)}>{one.messageId}</a>
                  </th>
                  <td data-label={words.columns.stands}>
                    <MessageState state={one.stands} />
                  </td>
                  <td data-label={words.columns.told}>
                    <MessageState state={one.told} /> {one.errorCode && <code>{one.errorCode}</code>}
                  </td>
                  <td data-label={words.columns.pair}>
                    <a href={`/pairs/${one.pair}`}>{nameOf.pair(one.pair)}</a>
                  </td>
                  <td data-label={words.columns.program}>{one.program}</td>
                  <td data-label={words.columns.received}>
                    <Ago at={one.receivedAt} now={now} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function Orphans({ orphans, now }: SearchProps) {
  return (
    <section class="panel" aria-labelledby="orphans">
      <h2 id="orphans">{words.orphans}</h2>
      <p class="quiet">{orphans.length === 0 ? words.noOrphans : words.orphansHint}</p>
      {orphans.length > 0 && (
        <div class="table">
          <table class="dense wide message-table">
            <thead>
              <tr>
                <th scope="col">{words.columns.gatewayId}</th>
                <th scope="col">{words.columns.gateway}</th>
                <th scope="col">{words.columns.told}</th>
                <th scope="col">{words.columns.received}</th>
                <th scope="col">{words.columns.raw}</th>
              </tr>
            </thead>
            <tbody>
              {orphans.map((one) => (
                <tr>
                  <th scope="row">{one.gatewayMessageId}</th>
                  <td data-label={words.columns.gateway}>{one.gateway}</td>
                  <td data-label={words.columns.told}>
                    <MessageState state={one.state} /> {one.errorCode && <code>{one.errorCode}</code>}
                  </td>
                  <td data-label={words.columns.received}>
                    <Ago at={one.receivedAt} now={now} />
                  </td>
                  <td class="wrap" data-label={words.columns.raw}>
                    <code>{one.body}</code>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
