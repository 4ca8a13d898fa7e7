/** Settings for admins: how long results are kept, how much there is on disk, and when it will be full. */

import type { KeptDays } from "../../src/results/retention.ts";
import type { DataSize } from "../../src/results/size.ts";
import { FormErrors, type FormState, TextField } from "../fields.tsx";
import { count, dayAndTime, exact, mebibytes, percent } from "../format.ts";
import { Notice, PageHead } from "../frame.tsx";
import { texts } from "../texts.ts";

const words = texts.settings;

export interface SettingsProps {
  form: FormState;
  version: number;
  names: readonly (keyof KeptDays)[];
  limits: Record<keyof KeptDays | "output_megabytes", { least: number; most: number }>;
  size: DataSize | null;
  budgetMegabytes: number;
  notice: { tone: "go" | "stop"; text: string } | null;
}

export function SettingsPage(props: SettingsProps) {
  return (
    <>
      <PageHead title={words.title} now={0} live={false} />
      {props.notice && <Notice tone={props.notice.tone}>{props.notice.text}</Notice>}
      <div class="columns">
        <Kept {...props} />
        <Size {...props} />
      </div>
    </>
  );
}

function Kept({ form, version, names, limits }: SettingsProps) {
  return (
    <section class="panel" aria-labelledby="kept-title">
      <h2 id="kept-title">{words.keptTitle}</h2>
      <p class="quiet">{words.keptHint}</p>
      <form method="post" action="/settings" class="fields">
        <FormErrors form={form} />
        <input type="hidden" name="version" value={version} />
        {names.map((name) => (
          <TextField
            form={form}
            name={name}
            label={words.kept[name].label}
            hint={`${words.kept[name].hint} ${words.between(limits[name].least, limits[name].most)}`}
            numeric
            size={7}
            required
          />
        ))}
        <TextField
          form={form}
          name="output_megabytes"
          label={words.outputBudget}
          hint={`${words.outputBudgetHint} ${words.megabytes(limits.output_megabytes.least, limits.output_megabytes.most)}`}
          numeric
          size={9}
          required
        />
        <button type="submit" class="main">
          {texts.save}
        </button>
      </form>
    </section>
  );
}

function Size({ size, ...props }: Pick<SettingsProps, "size" | "budgetMegabytes">) {
  return (
    <section class="panel" aria-labelledby="size-title">
      <h2 id="size-title">{words.sizeTitle}</h2>
      {size === null ? (
        <p class="quiet">{words.measuring}</p>
      ) : (
        <>
          <dl class="facts">
            <dt>{words.disk}</dt>
            <dd>
              {words.diskLeft(mebibytes(size.diskFreeBytes), mebibytes(size.diskBytes), percent(size.diskFreeBytes / size.diskBytes))}
            </dd>
            <dt>{words.forecast}</dt>
            <dd class={isSoon(size) ? "stop" : undefined}>{forecastWords(size)}</dd>
            <dt>{words.store}</dt>
            <dd>
              {mebibytes(size.fileBytes)}
              {size.freeBytes > 0 && <span class="quiet"> · {words.freeInside(mebibytes(size.freeBytes))}</span>}
            </dd>
            <dt>{words.output}</dt>
            <dd>
              {words.ofBudget(mebibytes(size.outputBytes + size.spoolBytes), props.budgetMegabytes)}{" "}
              <span class="quiet">
                · {words.files(size.outputFiles)}
                {size.spoolBytes > 0 && ` · ${words.spools(mebibytes(size.spoolBytes))}`}
              </span>
            </dd>
          </dl>
          <div class="size-table">
            <table class="dense">
              <thead>
                <tr>
                  <th scope="col">{words.columns.table}</th>
                  <th scope="col" class="number">
                    {words.columns.rows}
                  </th>
                  <th scope="col" class="number">
                    {words.columns.bytes}
                  </th>
                </tr>
              </thead>
              <tbody>
                {largest(size).map(Row)}
                <tr>
                  <th scope="row">{words.others(rest(size).length)}</th>
                  <td class="number">{count(rest(size).reduce((sum, { rows }) => sum + rows, 0))}</td>
                  <td class="number">{mebibytes(rest(size).reduce((sum, { bytes }) => sum + bytes, 0))}</td>
                </tr>
              </tbody>
            </table>
          </div>
          <p class="quiet">
            {words.measuredAt} <time title={exact(size.at)}>{dayAndTime(size.at)}</time> UTC. {words.sizeHint}
          </p>
        </>
      )}
    </section>
  );
}

/** The rest are small ones: people come here for what fills the disk. */
const LARGEST = 12;
const largest = ({ tables }: DataSize) => tables.slice(0, LARGEST);
const rest = ({ tables }: DataSize) => tables.slice(LARGEST);

function Row({ name, rows, bytes }: DataSize["tables"][number]) {
  return (
    <tr>
      <th scope="row" class="wrap">
        <code>{name}</code> <span class="quiet">{(words.tables as Record<string, string>)[name] ?? ""}</span>
      </th>
      <td class="number">{count(rows)}</td>
      <td class="number">{mebibytes(bytes)}</td>
    </tr>
  );
}

const SOON_MS = 14 * 86_400_000;

function isSoon({ at, forecast }: DataSize): boolean {
  return forecast.kind === "growing" && forecast.fullAt - at < SOON_MS;
}

function forecastWords({ at, forecast }: DataSize): string {
  if (forecast.kind === "too_early") return words.tooEarly;
  if (forecast.kind === "steady") return words.steady;
  const days = Math.floor((forecast.fullAt - at) / 86_400_000);
  return words.growing(mebibytes(forecast.bytesPerDay), days > 3_650 ? words.years : words.days(days));
}
