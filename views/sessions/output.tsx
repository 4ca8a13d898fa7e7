/** A run's output on a page of its own: its end as it comes, what stood before, what is found in it. */

import { mebibytes } from "../format.ts";
import { Notice, PageHead } from "../frame.tsx";
import { Empty } from "../parts.tsx";
import { texts } from "../texts.ts";
import { Output } from "./detail.tsx";
import { PauseButton } from "./tail.tsx";

const words = texts.output;

export interface RunChoice {
  run: string;
  /** `r_… , 3 h ago, exit code 3`. */
  label: string;
  bytes: number;
}

export interface PlaceLine {
  number: number;
  text: string;
  matches: boolean;
}

export interface OutputPageProps {
  id: string;
  name: string;
  now: number;
  /** Newest first. */
  runs: readonly RunChoice[];
  /** Shown now; null: there is none. */
  run: string | null;
  /** The page follows it. */
  live: boolean;
  search: string;
  around: number;
  found: { matches: number; shown: number; places: readonly (readonly PlaceLine[])[] } | null;
  lines: readonly string[];
  earlier: string | null;
  /** The lines shown are not the run's end. */
  isEarlier: boolean;
  notice?: string | undefined;
}

const AROUND = [0, 2, 5, 10] as const;

export function OutputPage(props: OutputPageProps) {
  const { name, runs, run, found, notice } = props;
  return (
    <>
      <PageHead title={words.title} crumb={{ href: `/sessions/${name}`, text: name }} now={props.now} live={props.live} />
      {notice && <Notice tone="stop">{notice}</Notice>}
      {run === null ? (
        <Empty title={words.emptyTitle}>
          <p>{words.empty}</p>
        </Empty>
      ) : (
        <section class="panel output-page" aria-label={words.title}>
          <form class="output-form" method="get" action={`/sessions/${name}/output`}>
            <div class="field">
              <label for="run">{words.run}</label>
              <select id="run" name="run">
                {runs.map((choice) => (
                  <option value={choice.run} selected={choice.run === run}>
                    {choice.label}, {mebibytes(choice.bytes)}
                  </option>
                ))}
              </select>
            </div>
            <div class="field grows">
              <label for="search">{words.search}</label>
              <input type="search" id="search" name="search" value={props.search} maxlength={200} placeholder={words.searchHint} />
            </div>
            <div class="field">
              <label for="around">{words.around}</label>
              <select id="around" name="around">
                {AROUND.map((n) => (
                  <option value={String(n)} selected={n === props.around}>
                    {n}
                  </option>
                ))}
              </select>
            </div>
            <button type="submit" class="main">
              {words.show}
            </button>
          </form>
          {found ? <FoundPlaces {...props} found={found} /> : <End {...props} />}
        </section>
      )}
    </>
  );
}

function End(props: OutputPageProps) {
  const { id, name, run, live, isEarlier } = props;
  return (
    <>
      <div class="row output-tools">
        {live && <PauseButton id={id} />}
        <EarlierLink {...props} />
        {(isEarlier || !live) && (
          <a href={`/sessions/${name}/output${live || !isEarlier ? "" : `?run=${run}`}`}>{isEarlier ? words.toEnd : words.toNewest}</a>
        )}
        <DownloadLink name={name} run={run} />
        <span class="quiet">{live ? words.liveHint : isEarlier ? words.earlierHint : words.olderHint}</span>
      </div>
      <Output id={id} lines={props.lines} />
    </>
  );
}

/** With JavaScript the lines come above those that are there; without, as a page. */
export function EarlierLink({ name, run, earlier }: Pick<OutputPageProps, "name" | "run" | "earlier">) {
  if (earlier === null) return <span class="quiet">{words.fromBegin}</span>;
  return (
    <a class="button" data-earlier href={`/sessions/${name}/output?${new URLSearchParams({ run: run ?? "", before: earlier })}`}>
      {words.earlier}
    </a>
  );
}

/** For the script: the lines before, and where those before them are. */
export function EarlierPart(props: Pick<OutputPageProps, "name" | "run" | "earlier" | "lines">) {
  return (
    <>
      <EarlierLink {...props} />
      <pre>{props.lines.map((line) => `${line}\n`).join("")}</pre>
    </>
  );
}

function DownloadLink({ name, run }: { name: string; run: string | null }) {
  return (
    <a class="button" href={`/api/sessions/${name}/output/text?${new URLSearchParams({ run: run ?? "" })}`} download>
      {words.download}
    </a>
  );
}

function FoundPlaces({ name, run, search, found }: OutputPageProps & { found: NonNullable<OutputPageProps["found"]> }) {
  return (
    <>
      <p class="row output-tools">
        <span role="status">{words.found(found.matches, search, found.shown)}</span>
        <a href={`/sessions/${name}/output?run=${run}`}>{words.toEnd}</a>
        <DownloadLink name={name} run={run} />
      </p>
      {found.places.map((place) => (
        <section aria-label={words.place(place.find((line) => line.matches)?.number ?? 0)}>
          <pre class="lines-of-output place" tabindex={0}>
            {place.map((line) => (
              <>
                <span class="at">{String(line.number).padStart(String(place.at(-1)?.number ?? 0).length)}</span>{" "}
                {line.matches ? <Marked text={line.text} search={search} /> : line.text}
                {"\n"}
              </>
            ))}
          </pre>
        </section>
      ))}
    </>
  );
}

function Marked({ text, search }: { text: string; search: string }) {
  const at = text.toLowerCase().indexOf(search.toLowerCase());
  if (at < 0) return <>{text}</>;
  return (
    <>
      {text.slice(0, at)}
      <mark>{text.slice(at, at + search.length)}</mark>
      {text.slice(at + search.length)}
    </>
  );
}
