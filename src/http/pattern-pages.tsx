/** The page on which a program's patterns are read, edited by an admin and tried by an operator; all of it works without JavaScript. */

import type { Context } from "hono";
import { type FormState, typedIn } from "../../views/fields.tsx";
import { dayAndTime } from "../../views/format.ts";
import { PatternsPage, type TrialProps } from "../../views/programs/patterns.tsx";
import { texts } from "../../views/texts.ts";
import { shown } from "../fleet/output-lines.ts";
import { AppError } from "../kernel/errors.ts";
import { programOf } from "../pairs/directory.ts";
import type { Program } from "../pairs/program.ts";
import { MOST_TRIAL_LINES, patternsInput, trialInput } from "../results/patterns/input.ts";
import { PRESETS } from "../results/patterns/pattern.ts";
import { patternsText, readPatterns } from "../results/patterns/text.ts";
import type { Trial } from "../results/patterns/trial.ts";
import { actor } from "./caller.ts";
import { checked, type Fields, FormErrors, one, readFields, refusedForm } from "./form.ts";
import { mayAct, type PageServices, type PageStatus, page, seeOther } from "./page.tsx";
import { groupsShown, type PatternServices, trialOf } from "./patterns.ts";
import type { Env, Route } from "./route.ts";

const words = texts.patterns;

type Services = PageServices & PatternServices;

export function patternPageRoutes(services: Services): Route[] {
  const on = (
    method: "GET" | "POST",
    path: string,
    least: "viewer" | "operator" | "admin",
    summary: string,
    handle: (context: Context<Env>) => Response | Promise<Response>,
  ): Route => ({ method, path, least, summary, page: true, handle });
  return [
    on("GET", "/programs/:name/patterns", "viewer", "The patterns a program's output is measured by", (context) =>
      show(context, services, named(context, services)),
    ),
    on("POST", "/programs/:name/patterns", "admin", "Replace the patterns of a program", (context) => save(context, services)),
    on("POST", "/programs/:name/patterns/trials", "operator", "Try patterns over lines", (context) => tryOut(context, services)),
  ];
}

function named(context: Context<Env>, services: Services): Program {
  return programOf(services.directory, context.req.param("name") ?? "");
}

interface More {
  form?: FormState;
  trial?: TrialProps;
  text?: string;
  status?: PageStatus;
}

function show(context: Context<Env>, services: Services, { name }: Program, more: More = {}): Response | Promise<Response> {
  const { rulebook, metering } = services.patterns;
  const set = rulebook.of(name);
  const found = metering.of(name);
  const now = services.clock.now();
  const sessions = services.directory.sessions().filter((session) => session.program === name);
  const preset = PRESETS.find(({ id }) => id === context.req.query("preset"));
  const text = preset ? patternsText(preset.patterns) : patternsText(set?.patterns ?? []);
  const body = (
    <PatternsPage
      program={name}
      now={now}
      rows={(set?.patterns ?? []).map((pattern, index) => ({
        ...pattern,
        matched: found?.matched[index] ?? 0,
        off: found?.off.get(index) ?? null,
      }))}
      ids={set?.ids ?? "program"}
      found={found ? { ...found, lastMatch: found.lastMatchAt === null ? null : dayAndTime(found.lastMatchAt) } : null}
      sessions={sessions.map((session) => session.name)}
      presets={PRESETS.map(({ id, title }) => ({ id, title }))}
      defines={mayAct(context, "admin")}
      tries={mayAct(context)}
      form={more.form ?? { values: { patterns: text, ids: set?.ids ?? "program" }, errors: {} }}
      version={rulebook.version(name)}
      trial={more.trial ?? null}
      notice={
        more.text
          ? { tone: "stop", text: more.text }
          : context.req.query("done") !== undefined
            ? { tone: "go", text: words.done }
            : preset
              ? { tone: "go", text: words.presetFilledIn }
              : null
      }
    />
  );
  return page(context, services, { title: `${name}: ${words.title}`, nav: "programs", status: more.status ?? 200, body });
}

async function save(context: Context<Env>, services: Services): Promise<Response> {
  const program = named(context, services);
  const fields = await readFields(context);
  const errors = new FormErrors();
  const { input, lines } = inputOf(fields, errors);
  if (!input) return show(context, services, program, { form: { values: fields, errors: errors.errors }, status: 422 });
  try {
    await services.patterns.rulebook.set(program.name, input, actor(context), Number(one(fields, "version")));
    return seeOther(context, `/programs/${program.name}/patterns?done=1`);
  } catch (error) {
    return refused(context, services, program, fields, error, lines);
  }
}

async function tryOut(context: Context<Env>, services: Services): Promise<Response> {
  const program = named(context, services);
  const fields = await readFields(context);
  const errors = new FormErrors();
  const { input, lines } = inputOf(fields, errors);
  const session = one(fields, "session");
  const pasted = typedIn({ values: fields, errors: {} }, "lines").split(/\r?\n/);
  while (pasted.at(-1) === "") pasted.pop();
  if (pasted.length > MOST_TRIAL_LINES) errors.add("lines", words.tooManyLines(MOST_TRIAL_LINES));
  if (!input || errors.any()) return show(context, services, program, { form: { values: fields, errors: errors.errors }, status: 422 });
  try {
    const given = trialInput.parse({
      ...input,
      ...(session === "" ? {} : { session }),
      ...(pasted.length > 0 || session === "" ? { lines: pasted } : {}),
    });
    const trial = await trialOf(services, program.name, given);
    return show(context, services, program, {
      form: { values: fields, errors: {} },
      trial: trialProps(trial, services.patterns.phoneMask),
    });
  } catch (error) {
    return refused(context, services, program, fields, error, lines);
  }
}

/** The form, with the line of the text beside what is wrong. */
function refused(
  context: Context<Env>,
  services: Services,
  program: Program,
  fields: Fields,
  error: unknown,
  lines: readonly number[],
): Response | Promise<Response> {
  if (!(error instanceof AppError)) throw error;
  const { form, refusal } = refusedForm(fields, error, () => "patterns");
  const [first] = refusal.details.errors ?? [];
  const at = Number(/^patterns\.(\d+)/.exec(first?.field ?? "")?.[1] ?? Number.NaN);
  if (first && Number.isInteger(at)) form.errors = { patterns: words.lineIs(lines[at] ?? at + 1, first.message) };
  return show(context, services, program, { form, status: refusal.code === "conflict" ? 409 : 422 });
}

function inputOf(fields: Fields, errors: FormErrors) {
  const { patterns, lines, faults } = readPatterns(typedIn({ values: fields, errors: {} }, "patterns"));
  for (const { line, message } of faults) errors.add("patterns", words.lineIs(line, message));
  const input = checked(patternsInput, { patterns, ids: one(fields, "ids") || "program" }, errors);
  return { input, lines };
}

function trialProps(trial: Trial, phoneMask: (number: string) => string): TrialProps {
  return {
    lines: trial.lines.map(({ text, pattern, state, groups, pair, message, n }) => ({
      text: shown(text),
      pattern: pattern === null ? null : pattern + 1,
      state,
      groups: Object.entries(groupsShown(groups, phoneMask)),
      pair,
      message: message === null ? null : shown(message),
      n,
    })),
    matched: trial.matched,
    counted: Object.entries(trial.counted) as [string, number][],
    leftOut: trial.leftOut,
    tookMs: Math.round(trial.tookMs * 10) / 10,
  };
}
