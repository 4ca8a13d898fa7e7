/** Asks before many pairs are changed: which ones, what on each, which not and why. More than one is confirmed by typing their number. */

import type { Child } from "hono/jsx";
import type { Pair } from "../../src/pairs/pair.ts";
import { Diamond } from "../board/line.tsx";
import { FormErrors, SelectField, TextField, typedIn } from "../fields.tsx";
import { Notice, PageHead } from "../frame.tsx";
import { texts } from "../texts.ts";
import { PairName } from "./changes.tsx";
import type { Drawn, ManyPairsProps } from "./props.ts";

const words = texts.pair.many;
/** They travel with the confirmation, so that it means the same. */
const SELECTING = ["q", "country", "tag", "active"] as const;
const CHANGING = ["weight", "threshold", "limit", "window_seconds", "gateway", "set_active", "add_tags", "remove_tags"] as const;

export function ManyPairs(props: ManyPairsProps) {
  const { preview } = props;
  const n = preview?.touched.n ?? 0;
  return (
    <div class="asking">
      <PageHead
        title={preview && n > 0 ? words.question(n) : words.title}
        crumb={{ href: "/pairs", text: texts.pair.title }}
        now={0}
        live={false}
      />
      {props.notice && <Notice tone="stop">{props.notice}</Notice>}
      <div class="columns">
        {preview && (
          <section class="panel">
            {n === 0 ? <p>{words.nothing}</p> : <Confirmation {...props} hash={preview.hash} n={n} />}
            <Preview preview={preview} />
          </section>
        )}
        <section class="panel">
          {preview === null && (
            <p>
              {words.selected(props.selected)} {words.chooseFirst}
            </p>
          )}
          <Choosing {...props} />
        </section>
      </div>
    </div>
  );
}

function Confirmation({ form, hash, n }: ManyPairsProps & { hash: string; n: number }) {
  return (
    <form method="post" action="/pairs/edits" class="fields">
      <FormErrors form={form} />
      <input type="hidden" name="expected" value={hash} />
      {[...SELECTING, ...CHANGING].map((name) => typedIn(form, name) && <input type="hidden" name={name} value={typedIn(form, name)} />)}
      <TextField form={form} name="reason" label={words.reason} hint={words.reasonHint} />
      {n > 1 && <TextField form={form} name="typed" label={words.typed(n)} numeric size={6} />}
      <p class="row end">
        <a class="button" href="/pairs">
          {texts.cancel}
        </a>
        <button type="submit" class="main">
          {words.do(n)}
        </button>
      </p>
    </form>
  );
}

function Preview({ preview }: { preview: NonNullable<ManyPairsProps["preview"]> }) {
  return (
    <>
      <List of={preview.touched} title={words.touched} open />
      <List of={preview.refused} title={words.refused} open />
      <List of={preview.unchanged} title={words.unchanged} />
    </>
  );
}

function List({ of, title, open = false }: { of: Drawn; title: (n: number) => string; open?: boolean }) {
  if (of.n === 0) return null;
  return (
    <details open={open}>
      <summary>{title(of.n)}</summary>
      <ul class="plain-list">{of.items}</ul>
    </details>
  );
}

export function PairItem({ pair, children }: { pair: Pair; children?: Child }) {
  return (
    <li>
      {pair.priority && <Diamond />}
      <PairName id={pair.id} /> {children}
    </li>
  );
}

function Choosing({ form, choices }: ManyPairsProps) {
  const any = { value: "", label: words.any };
  const pick = (from: Record<string, string>) => Object.entries(from).map(([value, label]) => ({ value, label }));
  return (
    <form method="get" action="/pairs/edits" class="fields">
      <h2>{words.which}</h2>
      <TextField form={form} name="q" label={words.words} />
      <div class="pairs-of-fields">
        <SelectField form={form} name="country" label={words.country} choices={[any, ...choices.country]} />
        {choices.tag.length > 0 && <SelectField form={form} name="tag" label={words.tag} choices={[any, ...choices.tag]} />}
        <SelectField form={form} name="active" label={words.active} choices={pick(words.activeChoices)} />
      </div>
      <h2>
        {words.what} <small>{words.whatHint}</small>
      </h2>
      <div class="pairs-of-fields">
        <TextField form={form} name="weight" label={words.weight} numeric />
        <TextField form={form} name="threshold" label={words.threshold} hint={words.noneHint} />
        <TextField form={form} name="limit" label={words.limit} hint={words.noneHint} />
        <TextField form={form} name="window_seconds" label={words.window} hint={words.noneHint} />
        <TextField form={form} name="gateway" label={words.gateway} hint={words.noneHint} />
        <TextField form={form} name="add_tags" label={words.addTags} />
        <TextField form={form} name="remove_tags" label={words.removeTags} />
        <SelectField form={form} name="set_active" label={words.setActive} choices={pick(words.setActiveChoices)} />
      </div>
      <button type="submit">{words.look}</button>
    </form>
  );
}
