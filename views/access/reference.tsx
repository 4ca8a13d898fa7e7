/** The API as a page: every route with who may, what it takes and what it gives. */

export interface Operation {
  method: string;
  path: string;
  least: string;
  summary: string;
  /** JSON Schemas as text, or null. */
  body: string | null;
  answer: string | null;
}

export function Reference(props: { operations: readonly Operation[] }) {
  return (
    <article class="reference">
      <h1>API</h1>
      <p>
        The same for machines: <a href="/api/openapi.json">OpenAPI 3.1</a>. Errors are problem documents (RFC 9457) with <code>code</code>,{" "}
        <code>detail</code> and, for bad input, <code>errors</code>.
      </p>
      {props.operations.map((operation) => (
        <section>
          <h2>
            <code>{`${operation.method} ${operation.path}`}</code>
          </h2>
          <p>
            {operation.summary} <small>{`(${operation.least})`}</small>
          </p>
          <Schema name="Takes" text={operation.body} />
          <Schema name="Gives" text={operation.answer} />
        </section>
      ))}
    </article>
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
