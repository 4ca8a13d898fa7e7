/** Pairs: high priority in a section of its own on top, then the others. */

import { Diamond } from "../board/line.tsx";
import { type Choice, FormErrors, type FormState, TextField, TicksField } from "../fields.tsx";
import { plural } from "../format.ts";
import { Notice, PageHead } from "../frame.tsx";
import { Empty, Filter, Lamp, RateBar, RateFigure } from "../parts.tsx";
import { texts } from "../texts.ts";
import type { PairRowProps } from "./props.ts";

const words = texts.pair;
const columns = words.columns;

export interface PairListProps {
  now: number;
  pairs: PairRowProps[];
  total: number;
  query: string;
  acts: boolean;
  notice?: string | undefined;
  form: FormState;
  programs: Choice[];
}

export function PairList(props: PairListProps) {
  const first = props.pairs.filter((row) => row.pair.priority);
  const others = props.pairs.filter((row) => !row.pair.priority);
  return (
    <>
      <PageHead
        title={words.title}
        tally={<span class="quiet">{plural(props.total, "pair", "pairs")}</span>}
        filter={props.total > 0 && <Filter query={props.query} hint={words.filterHint} />}
        now={props.now}
        live={false}
      />
      {props.notice && <Notice tone="go">{props.notice}</Notice>}
      {props.total === 0 ? (
        <Empty title={words.emptyTitle}>
          <p>{words.empty}</p>
          {props.programs.length === 0 && (
            <p>
              <a href="/programs#add">{texts.first.program}</a>
            </p>
          )}
        </Empty>
      ) : (
        <>
          <h2>
            <Diamond /> {words.prioritySection} <small>{first.length > 0 ? words.priorityHint : words.noPriority}</small>
          </h2>
          {first.length > 0 && <Table rows={first} acts={props.acts} />}
          <h2>{words.others}</h2>
          {others.length > 0 && <Table rows={others} acts={props.acts} />}
          <p class="no-match" id="no-match" hidden={props.pairs.length > 0}>
            {texts.noMatch} <a href="/pairs">{texts.clearFilter}</a>
          </p>
        </>
      )}
      {props.acts && <AddPair {...props} />}
    </>
  );
}

function Table({ rows, acts }: { rows: readonly PairRowProps[]; acts: boolean }) {
  return (
    <div class="table">
      <table class="dense wide pair-table">
        <thead>
          <tr>
            <th scope="col">{columns.country}</th>
            <th scope="col">{columns.pair}</th>
            <th scope="col">{columns.sessions}</th>
            <th scope="col" class="number">
              {columns.sent}
            </th>
            <th scope="col" class="number">
              {columns.rate}
            </th>
            <th scope="col" class="bar-column">
              <span class="hush">{columns.rate}</span>
            </th>
            <th scope="col" class="number">
              {columns.weight}
            </th>
            <th scope="col" class="number">
              {columns.limit}
            </th>
            <th scope="col">{columns.active}</th>
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

function Row({ row, acts }: { row: PairRowProps; acts: boolean }) {
  const { pair, shown } = row;
  return (
    <tr id={`pair-${pair.id}`}>
      <td class="wide-cell">
        <b>{pair.country}</b> <span class="quiet">{row.countryName}</span>
      </td>
      <th scope="row" class="wide-cell">
        {pair.priority && <Diamond />}
        <a href={`/pairs/${pair.id}`} title={pair.id}>
          {pair.operatorName}
        </a>{" "}
        <code class="quiet">{pair.id}</code>
      </th>
      <td data-label={columns.sessions}>
        <span class="lamps">
          {shown.lamps.map((lamp) => (
            <Lamp lamp={lamp} />
          ))}
          {shown.lamps.length === 0 && texts.none}
        </span>
      </td>
      <td data-label={columns.sent} class="number">
        {shown.sentLastMinute}
      </td>
      <td data-label={columns.rate} class="number">
        <RateFigure rate={shown.rate} tone={shown.tone} />
      </td>
      <td class="bar-column">
        <RateBar rate={shown.rate} tone={shown.tone} />
      </td>
      <td data-label={columns.weight} class="number">
        {pair.weight}
      </td>
      <td data-label={columns.limit} class="number">
        {pair.limit ?? texts.none}
      </td>
      <td data-label={columns.active}>{pair.active ? texts.yes : <span class="caution">{texts.no}</span>}</td>
      <td data-label={columns.tags}>{pair.tags.join(", ") || texts.none}</td>
      {acts && (
        <td class="wide-cell">
          <div class="levers small">
            <a class="button" href={`/pairs/${pair.id}`}>
              {texts.edit}
              <span class="hush"> {pair.id}</span>
            </a>
            <PriorityLever id={pair.id} priority={pair.priority} back="/pairs" short />
          </div>
        </td>
      )}
    </tr>
  );
}

/** Giving is one click; taking away is asked first, because from then on the pair can be stopped. */
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

function AddPair({ form, programs, total }: PairListProps) {
  return (
    <details class="add" id="add" open={total === 0 || Object.keys(form.errors).length > 0}>
      <summary>{words.add}</summary>
      <form method="post" action="/pairs" class="fields">
        <FormErrors form={form} />
        <TextField form={form} name="country" label={words.country} hint={words.countryHint} size={4} required upper />
        <TextField form={form} name="operator" label={words.operator} hint={words.operatorHint} required />
        <TextField form={form} name="operator_name" label={words.operatorName} hint={words.operatorNameHint} />
        <TextField form={form} name="mccmnc" label={words.mccmnc} hint={words.mccmncHint} />
        <TextField form={form} name="tags" label={words.tags} hint={words.tagsHint} />
        <TicksField
          form={form}
          name="programs"
          label={words.programs}
          hint={words.programsHint}
          choices={programs}
          none={words.noPrograms}
        />
        <button type="submit" class="main">
          {words.add}
        </button>
      </form>
    </details>
  );
}
