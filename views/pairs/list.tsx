/** Pairs: high priority in a section of its own on top, then the others; long lists in parts. */

import type { Child } from "hono/jsx";
import { Diamond } from "../board/line.tsx";
import type { Choice, FormState } from "../fields.tsx";
import { plural } from "../format.ts";
import { Notice, PageHead } from "../frame.tsx";
import { Empty, Filter } from "../parts.tsx";
import { texts } from "../texts.ts";
import { AddPair } from "./add.tsx";
import type { PairRowProps, PairSort, PairView } from "./props.ts";
import { Row } from "./row.tsx";

const words = texts.pair;
const columns = words.columns;

export interface PairListProps {
  now: number;
  /** The rows of this part of the list. */
  pairs: PairRowProps[];
  /** How many match the filter, and how many there are. */
  matching: number;
  total: number;
  view: PairView;
  acts: boolean;
  notice?: string | undefined;
  form: FormState;
  programs: Choice[];
}

export function PairList(props: PairListProps) {
  const { view, total } = props;
  return (
    <>
      <PageHead
        title={words.title}
        tally={<span class="quiet">{plural(total, "pair", "pairs")}</span>}
        filter={
          total > 0 && (
            <Filter query={view.query} hint={words.filterHint} keep={sorting(view)} fetches={{ from: "/pairs", into: "pair-list" }} />
          )
        }
        now={props.now}
        live={false}
      />
      {props.notice && <Notice tone="go">{props.notice}</Notice>}
      {props.acts && <Tools total={total} query={view.query} />}
      {total === 0 ? (
        <Empty title={words.emptyTitle}>
          <p>{words.empty}</p>
          {props.programs.length === 0 && (
            <p>
              <a href="/programs#add">{texts.first.program}</a>
            </p>
          )}
        </Empty>
      ) : (
        <PairSections {...props} />
      )}
      {props.acts && <AddPair form={props.form} programs={props.programs} open={total === 0} />}
    </>
  );
}

/** What the filter fetches anew while one types. */
export function PairSections(props: Pick<PairListProps, "pairs" | "matching" | "total" | "view" | "acts">) {
  const first = props.pairs.filter((row) => row.pair.priority);
  const others = props.pairs.filter((row) => !row.pair.priority);
  // A filter or a later part may hold none of them, though there are some.
  const whole = props.view.from === 0 && props.view.query === "";
  return (
    <div id="pair-list">
      {props.view.query !== "" && props.matching > 0 && <p class="quiet found">{words.found(props.matching, props.total)}</p>}
      {(whole || first.length > 0) && (
        <h2>
          <Diamond /> {words.prioritySection} <small>{first.length > 0 ? words.priorityHint : words.noPriority}</small>
        </h2>
      )}
      {first.length > 0 && <Table rows={first} {...props} />}
      {others.length > 0 && (
        <>
          <h2>{words.others}</h2>
          <Table rows={others} {...props} />
        </>
      )}
      <p class="no-match" id="no-match" hidden={props.pairs.length > 0}>
        {texts.noMatch} <a href="/pairs">{texts.clearFilter}</a>
      </p>
      <Pager {...props} />
      {props.pairs.length > 0 && <p class="quiet keys">{words.keys}</p>}
    </div>
  );
}

export function addressOf(view: PairView, change: Partial<PairView> = {}): string {
  const { query, sort, down, from } = { ...view, ...change };
  const search = new URLSearchParams({
    ...(query ? { q: query } : {}),
    ...sorting({ sort, down }),
    ...(from > 0 ? { from: String(from) } : {}),
  });
  return search.size > 0 ? `/pairs?${search}` : "/pairs";
}

function sorting({ sort, down }: Pick<PairView, "sort" | "down">): Record<string, string> {
  return { ...(sort === "country" ? {} : { sort }), ...(down ? { down: "1" } : {}) };
}

function Table({ rows, acts, view }: { rows: readonly PairRowProps[]; acts: boolean; view: PairView }) {
  const head = (sort: PairSort, kind = "") => <SortedHead sort={sort} view={view} kind={kind} />;
  return (
    <div class="table">
      <table class="dense wide pair-table">
        <thead>
          <tr>
            {head("country")}
            {head("pair")}
            <th scope="col">{columns.sessions}</th>
            {head("sent", "number")}
            {head("rate", "number")}
            <th scope="col" class="bar-column">
              <span class="hush">{columns.rate}</span>
            </th>
            {head("weight", "number")}
            {head("limit", "number")}
            {head("active")}
            <th scope="col">{columns.tags}</th>
            {acts && <th scope="col">{columns.actions}</th>}
          </tr>
        </thead>
        <tbody data-filtered>
          {rows.map((row) => (
            <Row row={row} acts={acts} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Numbers are wanted the largest first, names from the beginning; a second click turns it round. */
function SortedHead({ sort, view, kind }: { sort: PairSort; view: PairView; kind: string }) {
  const is = view.sort === sort;
  const down = is ? !view.down : kind === "number";
  return (
    <th scope="col" class={kind || undefined} aria-sort={is ? (view.down ? "descending" : "ascending") : undefined}>
      <a class="sort" href={addressOf(view, { sort, down, from: 0 })} title={words.sortBy(columns[sort])}>
        {columns[sort]}
        {is && <span aria-hidden="true">{view.down ? " ↓" : " ↑"}</span>}
      </a>
    </th>
  );
}

/** Rows of one part: more would make the page slow to draw, and nobody reads them at once. */
export const PART = 200;

function Pager({ view, matching }: Pick<PairListProps, "view" | "matching">) {
  if (matching <= PART) return null;
  const { from } = view;
  return (
    <nav class="pager" aria-label={words.pages}>
      <Turn to={from > 0 ? addressOf(view, { from: Math.max(0, from - PART) }) : null}>{words.earlier}</Turn>
      <span>{words.page(from + 1, Math.min(from + PART, matching), matching)}</span>
      <Turn to={from + PART < matching ? addressOf(view, { from: from + PART }) : null}>{words.later}</Turn>
    </nav>
  );
}

function Turn({ to, children }: { to: string | null; children?: Child }) {
  if (to === null) return <span class="quiet">{children}</span>;
  return (
    <a class="button" href={to}>
      {children}
    </a>
  );
}

function Tools({ total, query }: { total: number; query: string }) {
  const q = query ? `&q=${encodeURIComponent(query)}` : "";
  return (
    <section class="pair-tools" aria-label={words.tools}>
      <div class="levers small">
        {total > 0 && (
          <a class="button" href="#add">
            {words.add}
          </a>
        )}
        {total > 0 && (
          <a class="button" href={`/pairs/edits${query ? `?q=${encodeURIComponent(query)}` : ""}`}>
            {words.many.open}
          </a>
        )}
        <a class="button" href="/pairs/import">
          {words.files}
        </a>
        {total > 0 && (
          <>
            <a class="button" href={`/pairs/export?format=csv${q}`} download>
              {words.exportCsv}
            </a>
            <a class="button" href={`/pairs/export?format=json${q}`} download>
              {words.exportJson}
            </a>
          </>
        )}
        {total > 0 && (
          <a class="button" href="/pairs/batches">
            {words.undoMany}
          </a>
        )}
        <a class="button" href="/countries">
          {words.countries}
        </a>
        <a class="button" href="/gateways">
          {texts.gateways.title}
        </a>
      </div>
    </section>
  );
}
