/** Screens that nobody here started: what each is, what it looks like, and how it becomes a session. On the phone each row is a card. */

import { Notice, PageHead } from "../frame.tsx";
import { Ago, Empty, State, Words } from "../parts.tsx";
import { texts } from "../texts.ts";
import type { StrangerProps } from "./props.ts";

const words = texts.stranger;
const columns = words.columns;

export interface StrangerListProps {
  now: number;
  strangers: StrangerProps[];
  acts: boolean;
  notice?: { tone: "go" | "stop"; text: string } | undefined;
  /** Of an adoption of many: those that were refused. */
  refused: readonly { name: string; why: string }[];
}

/** The form lies above the table, its ticks in the rows. */
const MANY = "adopt-many";

export function StrangerList({ now, strangers, acts, notice, refused }: StrangerListProps) {
  return (
    <>
      <PageHead title={words.title} tally={<span class="quiet">{words.hint}</span>} now={now} live />
      {notice && <Notice tone={notice.tone}>{notice.text}</Notice>}
      {refused.length > 0 && (
        <ul class="notice stop" role="alert">
          {refused.map(({ name, why }) => (
            <li>
              <b>{name}</b>: {why}
            </li>
          ))}
        </ul>
      )}
      <StrangersNow strangers={strangers} acts={acts} />
      <div class="table stranger-place">
        <table class="dense wide stranger-table">
          <thead>
            <tr>
              <th scope="col">{columns.state}</th>
              <th scope="col">{columns.name}</th>
              <th scope="col">{columns.command}</th>
              <th scope="col">{columns.looksLike}</th>
              <th scope="col">{columns.user}</th>
              <th scope="col" class="number">
                {columns.age}
              </th>
              <th scope="col" class="number">
                {columns.pid}
              </th>
              {acts && <th scope="col">{columns.actions}</th>}
            </tr>
          </thead>
          <tbody id="strangers">
            {strangers.map((stranger) => (
              <StrangerRow stranger={stranger} now={now} acts={acts} />
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

/** What can be done with all of them; or that there are none. */
export function StrangersNow({ strangers, acts }: Pick<StrangerListProps, "strangers" | "acts">) {
  const matching = strangers.filter((stranger) => stranger.matches).length;
  return (
    <div id="strangers-now">
      {strangers.length === 0 && (
        <Empty title={words.emptyTitle}>
          <p>{words.empty}</p>
        </Empty>
      )}
      {acts && matching > 0 && (
        <form method="post" action="/strangers/adoptions" id={MANY} class="row many">
          <button type="submit" class="main">
            {words.adoptTicked}
          </button>
          <span class="quiet">{words.adoptTickedHint(matching)}</span>
        </form>
      )}
    </div>
  );
}

export function StrangerRow({ stranger, now, acts }: { stranger: StrangerProps; now: number; acts: boolean }) {
  return (
    <tr id={`stranger-${stranger.address}`}>
      <td class="wide-cell" title={stranger.why}>
        <State lamp={stranger.lamp} />
      </td>
      <th scope="row" class="wide-cell">
        {stranger.name}
      </th>
      <td data-label={columns.command} class="wrap">
        <div>
          {stranger.command && <Words of={stranger.command.split(" ")} />}
          <p class="quiet">
            {stranger.why}
            {stranger.folder && (
              <>
                {" "}
                {words.inFolder} <code>{stranger.folder}</code>
              </>
            )}
          </p>
          {stranger.variables.length > 0 && (
            <details>
              <summary class="quiet">{words.variables(stranger.variables.length)}</summary>
              <p class="quiet">{stranger.variables.join(", ")}</p>
            </details>
          )}
        </div>
      </td>
      <td data-label={columns.looksLike} title={stranger.readFrom}>
        {looksLike(stranger)}
      </td>
      <td data-label={columns.user}>{stranger.user}</td>
      <td data-label={columns.age} class="number">
        {stranger.startedAt === null ? texts.none : <Ago at={stranger.startedAt} now={now} />}
      </td>
      <td data-label={columns.pid} class="number" title={words.screenPid(stranger.screenPid)}>
        {stranger.pid ?? texts.none}
      </td>
      {acts && (
        <td class="wide-cell">
          <div class="levers small">
            <Lever stranger={stranger} />
          </div>
        </td>
      )}
    </tr>
  );
}

function looksLike({ program, pairs, doubles }: StrangerProps) {
  if (program === null && pairs.length === 0) return texts.none;
  const text = [program ?? words.someProgram, pairs.join(", ")].filter(Boolean).join(" · ");
  return doubles ? <a href={`/sessions/${doubles}`}>{text}</a> : text;
}

function Lever({ stranger }: { stranger: StrangerProps }) {
  if (stranger.refusal !== null)
    return (
      <button type="button" disabled title={stranger.refusal}>
        {words.adopt}
      </button>
    );
  return (
    <>
      {stranger.matches && (
        <label class="tick">
          <input type="checkbox" name="stranger" value={stranger.address} form={MANY} checked />
          <span class="hush">{words.tick(stranger.name)}</span>
        </label>
      )}
      <a class="button" href={`/strangers/${stranger.address}/adoption`} data-dialog>
        {words.adopt}
        <span class="hush"> {stranger.name}</span>
      </a>
    </>
  );
}
