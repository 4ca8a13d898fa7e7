/** The small signs every page shares: lamp, rate with its interval, ten segments, strip of ticks, times. The CSP allows no style attributes: signs of states are classes, the rest is drawn by SVG attributes. */

import type { Child } from "hono/jsx";
import type { LampState, Tone } from "../src/fleet/states.ts";
import type { Rate } from "../src/results/numbers.ts";
import type { BudgetProps, LampProps, TallyProps } from "./board/props.ts";
import { count, duration, exact, interval, percent } from "./format.ts";
import { texts } from "./texts.ts";

/** The sign is the stylesheet's (04-lamps.css): a changed lamp is painted anew and nothing is laid out. Its word is in the title and for screen readers. */
export function Lamp({ lamp }: { lamp: LampProps }) {
  const label = `${lamp.session}: ${lamp.word}`;
  // biome-ignore lint/a11y/useAnchorContent: its name is its aria-label
  return <a class={`lamp is-${lamp.state} ${lamp.tone}`} href={`/sessions/${lamp.session}`} title={label} aria-label={label} />;
}

export function Sign({ state, tone }: { state: LampState; tone: Tone }) {
  return <i class={`sign is-${state} ${tone}`} aria-hidden="true" />;
}

/** Sign and word, where there is room for both. */
export function State({ lamp }: { lamp: Pick<LampProps, "state" | "word" | "tone"> }) {
  return (
    <span class={`state ${lamp.tone}`}>
      <Sign state={lamp.state} tone={lamp.tone} />
      {lamp.word}
    </span>
  );
}

/** What stands after a state's word: a reason that begins with that word does not say it twice. */
export function whyAfter({ word }: Pick<LampProps, "word">, why: string): string {
  return why.startsWith(`${word} `) ? why.slice(word.length + 1) : why;
}

/** A line may end between two of them, and inside one only where it fills the line alone. */
export function Words({ of, between = " " }: { of: readonly string[]; between?: string }) {
  return (
    <code class="words">
      {of.map((word, i) => (
        <>
          {i > 0 && between}
          <span>{word}</span>
        </>
      ))}
    </code>
  );
}

export function Tally({ tally }: { tally: readonly TallyProps[] }) {
  return (
    <ul class="tally" id="tally">
      {tally.map((item) => (
        <li>
          <Sign state={item.state} tone={item.tone} />
          <b>{count(item.n)}</b> {item.word}
        </li>
      ))}
    </ul>
  );
}

/** Short facts in a row, `p50 2.1 · p99 31`: where they do not fit, the line breaks between two of them. */
export function Parts({ of }: { of: readonly string[] }) {
  return (
    <>
      {of.map((part, i) => (
        <>
          <span class="part">
            {part}
            {i < of.length - 1 && <span class="dot"> ·</span>}
          </span>{" "}
        </>
      ))}
    </>
  );
}

export function rateTitle(rate: Rate): string {
  if (rate.kind === "insufficient") return texts.rate.insufficient(rate.n, rate.needed);
  const range = interval(rate.lower, rate.upper);
  return texts.rate.title(percent(rate.value, 1), range, rate.n, duration(rate.windowMs), texts.rate.basis[rate.basis]);
}

/** `94%`, or grey `n=12` below the sample that means something. */
export function RateFigure({ rate, tone }: { rate: Rate; tone: Tone }) {
  if (rate.kind === "insufficient")
    return (
      <span class="rate thin" title={rateTitle(rate)}>
        {rate.n === 0 ? texts.none : texts.rate.n(rate.n)}
      </span>
    );
  return (
    <span class={`rate ${tone}`} title={rateTitle(rate)}>
      {percent(rate.value)}
      <small>%</small>
    </span>
  );
}

/** 0 to 100%: the 95% interval as a band, the point as a stroke. */
export function RateBar({ rate, tone }: { rate: Rate; tone: Tone }) {
  if (rate.kind === "insufficient") return <svg class="bar" aria-hidden="true" viewBox="0 0 100 4" preserveAspectRatio="none" />;
  const x = (ratio: number) => round(ratio * 100);
  const width = Math.max(round((rate.upper - rate.lower) * 100), 0.5);
  return (
    <svg class={`bar ${tone}`} aria-hidden="true" viewBox="0 0 100 4" preserveAspectRatio="none">
      <path class="band" d={`M${x(rate.lower)} 0h${width}v4h-${width}z`} />
      <path class="point" d={`M${x(Math.min(rate.value, 0.995))} -1v6`} />
    </svg>
  );
}

const SEGMENTS = 10;

/** The budget as ten segments, filled by the share that is used. */
export function Segments({ used, limit }: { used: number; limit: number }) {
  const filled = limit === 0 ? 0 : Math.min(SEGMENTS, (used / limit) * SEGMENTS);
  return (
    <svg class={used > limit ? "segments over" : "segments"} aria-hidden="true" viewBox="0 0 79 10" preserveAspectRatio="none">
      <path class="off" d={segmentPath(0, SEGMENTS)} />
      {filled > 0 && <path class="on" d={segmentPath(0, filled)} />}
    </svg>
  );
}

function segmentPath(from: number, to: number): string {
  let path = "";
  for (let i = from; i < to; i++) {
    const width = round(7 * Math.min(1, to - i));
    path += `M${i * 8} 0h${width}v10h-${width}z`;
  }
  return path;
}

const STRIP_UNITS = 120;

/** The last window as ticks. It is drawn for one moment; app.js shifts it on until the next drawing, so a still line costs nothing. */
export function Strip({ budget }: { budget: BudgetProps }) {
  const perMs = STRIP_UNITS / budget.windowMs;
  const ticks = budget.grantsAt.map((at) => `M${round(STRIP_UNITS - (budget.at - at) * perMs)} 2v10`).join("");
  return (
    <svg class="strip" aria-hidden="true" viewBox={`0 0 ${STRIP_UNITS} 12`} preserveAspectRatio="none">
      <path class="ticks" d={ticks} data-at={budget.at} data-per-second={round(perMs * 1000)} />
    </svg>
  );
}

/** `3 min ago`, exact on hover. app.js keeps it going. */
export function Ago({ at, now }: { at: number; now: number }) {
  return (
    <time dateTime={new Date(at).toISOString()} title={exact(at)} data-since={at}>
      {duration(now - at)}
    </time>
  );
}

/** How many wait for a slot: nobody is good news, and quiet. */
export function Waiting({ many }: { many: number }) {
  return <span class={many > 0 ? "caution" : "quiet"}>{many > 0 ? texts.permit.waiting(many) : texts.permit.nobodyWaits}</span>;
}

/** A time that comes: `in 12 s`, counted down by app.js. */
export function Until({ at, now }: { at: number; now: number }) {
  return (
    <time dateTime={new Date(at).toISOString()} title={exact(at)} data-until={at}>
      {duration(at - now)}
    </time>
  );
}

export function Empty({ title, children }: { title: string; children?: Child }) {
  return (
    <div class="empty">
      <svg aria-hidden="true" viewBox="0 0 24 40" class="empty-mark">
        <use href="#mark" />
      </svg>
      <h2>{title}</h2>
      {children}
    </div>
  );
}

/** What to do first in an empty house: a program, then a pair. */
export function FirstSteps({ programs, mayAdd, mayDefine }: { programs: number; mayAdd: boolean; mayDefine: boolean }) {
  const words = texts.first;
  return (
    <>
      <p>{programs === 0 ? words.program : words.pair}</p>
      <p class="row">
        {programs === 0 && mayDefine && (
          <a class="button main" href="/programs#add">
            {words.addProgram}
          </a>
        )}
        {mayAdd && (
          <a class={programs === 0 ? "button" : "button main"} href="/pairs#add">
            {words.addPair}
          </a>
        )}
      </p>
      <p class="quiet">
        {texts.session.byHand} <a href="/strangers">{texts.nav.strangers}</a>
      </p>
    </>
  );
}

/**
 * Works as a plain form without JavaScript; app.js filters while one types. With `fetches` the server does, for a page that holds a part
 * of a long list: the address answers with the element of that id.
 */
export function Filter(props: { query: string; hint: string; keep?: Record<string, string>; fetches?: { from: string; into: string } }) {
  const { query, hint, keep = {}, fetches } = props;
  const live = fetches && {
    "hx-get": fetches.from,
    "hx-trigger": "input changed delay:200ms from:#filter",
    "hx-target": `#${fetches.into}`,
    "hx-swap": "outerHTML",
  };
  return (
    <search>
      <form class="filter" method="get" {...live}>
        {Object.entries(keep).map(([name, value]) => (
          <input type="hidden" name={name} value={value} />
        ))}
        <input
          type="search"
          name="q"
          id="filter"
          value={query}
          placeholder={`${texts.filter}: ${hint}`}
          aria-label={texts.filter}
          aria-keyshortcuts="/"
          autocomplete="off"
          spellcheck={false}
        />
        <span class="key" aria-hidden="true">
          /
        </span>
      </form>
    </search>
  );
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
