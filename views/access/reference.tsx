/** The API as a page: noun by noun, every route with who may, what it asks in its address, what it takes and what it gives. */

import { texts } from "../texts.ts";

const words = texts.reference;

export interface Operation {
  /** The noun its path begins with. */
  noun: string;
  /** Where on the page it stands. */
  id: string;
  method: string;
  path: string;
  least: string;
  summary: string;
  query: readonly { name: string; about: string }[];
  /** JSON Schemas as text, or null. */
  body: string | null;
  answer: string | null;
}

export function Reference(props: { operations: readonly Operation[] }) {
  const nouns = Map.groupBy(props.operations, ({ noun }) => noun);
  return (
    <article class="reference">
      <nav aria-label={words.nouns}>
        <ul>
          {[...nouns].map(([noun, own]) => (
            <li>
              <a href={`#${noun}`}>{noun}</a> <small>{own.length}</small>
            </li>
          ))}
        </ul>
      </nav>
      <div>
        <h1>{words.title}</h1>
        <p>
          {words.machines} <a href="/api/openapi.json">OpenAPI 3.1</a>. {words.problems} · <a href="/">{texts.nav.board}</a>
        </p>
        {[...nouns].map(([noun, own]) => (
          <section id={noun} aria-labelledby={`${noun}-title`}>
            <h2 id={`${noun}-title`}>{noun}</h2>
            {own.map((operation) => (
              <Entry operation={operation} />
            ))}
          </section>
        ))}
      </div>
    </article>
  );
}

function Entry({ operation }: { operation: Operation }) {
  const { id, method, path, least, summary, query, body, answer } = operation;
  return (
    <div class="operation" id={id}>
      <h3>
        <a href={`#${id}`}>
          <code>
            <b class={method.toLowerCase()}>{method}</b> {path}
          </code>
        </a>
        <small title={words.leastTitle}>{least}</small>
      </h3>
      <p>{summary}</p>
      {query.length > 0 && (
        <dl class="facts">
          {query.map(({ name, about }) => (
            <>
              <dt>
                <code>{`?${name}=`}</code>
              </dt>
              <dd>{about}</dd>
            </>
          ))}
        </dl>
      )}
      <Schema name={words.takes} text={body} />
      <Schema name={words.gives} text={answer} />
    </div>
  );
}

function Schema({ name, text }: { name: string; text: string | null }) {
  if (text === null) return null;
  return (
    <details>
      <summary>{name}</summary>
      <pre tabindex={0}>
        <code>{text}</code>
      </pre>
    </details>
  );
}
