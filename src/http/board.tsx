/** The board: `/`, and the topic `board` that keeps it alive. */

import type { Child } from "hono/jsx";
import { AlwaysOn, Board, Figures } from "../../views/board/board.tsx";
import { Budget, Lamps, Line, Order, Rate } from "../../views/board/line.tsx";
import type { BudgetProps, LineProps, PairProps, Sort } from "../../views/board/props.ts";
import { Tally } from "../../views/parts.tsx";
import { texts } from "../../views/texts.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { Directory } from "../pairs/directory.ts";
import { type BoardLines, openBoardLines } from "./board-lines.ts";
import { boardModel, SORTS, stateOf } from "./board-model.ts";
import { liveSource, type Part } from "./live.ts";
import { mayAct, type PageServices, page } from "./page.tsx";
import type { Route } from "./route.ts";

const EVERY_MS = 1000;

export function boardRoutes(services: PageServices): Route[] {
  const kept = openBoardLines(services);
  const source = liveSource({
    parts: () => boardParts(services, kept),
    groups: ["lines"],
    everyMs: EVERY_MS,
    urgent(nudge) {
      const leave = [kept.watch(), whenStatesChange(services, nudge)];
      return () => leave.forEach((one) => void one());
    },
    now: services.clock.now,
  });
  services.events.resolve((topic) => (topic === "board" ? source : undefined));
  return [
    {
      method: "GET",
      path: "/",
      least: "viewer",
      summary: "The board",
      page: true,
      handle(context) {
        const asked = context.req.query("sort");
        const sort: Sort = SORTS.find((known) => known === asked) ?? "trouble";
        const board = boardModel(services, services.clock.now(), sort, (context.req.query("q") ?? "").trim().slice(0, 100));
        return page(context, services, {
          title: texts.board.title,
          nav: "board",
          topic: "board",
          body: <Board board={board} mayEdit={mayAct(context)} mayDefine={mayAct(context, "admin")} />,
        });
      },
    },
  ];
}

/** The parts of the board that change by themselves, in the order of trouble. */
function boardParts(services: PageServices, kept: BoardLines): Part[] {
  const board = boardModel(services, services.clock.now(), "trouble", "", kept.of);
  const parts = [part("tally", board.tally, () => <Tally tally={board.tally} />)];
  if (board.totals.pairs === 0) return parts;
  parts.push(
    part("figures", board.figures, () => <Figures figures={board.figures} />),
    part(
      "always-on",
      board.always,
      () => <AlwaysOn pairs={board.always} />,
      board.always.map((pair) => `${shapeOf(pair)} ${ratesOf(pair)} ${lampsOf(pair)} ${pair.sentLastMinute} ${pair.p90Ms}`).join("\n"),
    ),
    ...board.lines.map(linePart),
  );
  return parts;
}

function part(id: string, value: unknown, draw: () => Child, key = JSON.stringify(value)): Part {
  return { id, key, draw: () => String(draw()), data: () => value };
}

/** The same for the same line. */
const lineParts = new WeakMap<LineProps, Part>();

function linePart(line: LineProps): Part {
  const made = lineParts.get(line) ?? drawnLine(line);
  lineParts.set(line, made);
  return made;
}

/** A line stands while its lamps, its budget and its rates change: only those are sent. */
function drawnLine(line: LineProps): Part {
  const { code, budget, pairs } = line;
  const order = { trouble: line.trouble, volume: line.volume, rate: line.rate };
  return {
    ...part(`line-${code}`, line, () => <Line line={line} />, pairs.map(shapeOf).join("\n")),
    group: "lines",
    parts: [
      part(`order-${code}`, order, () => <Order line={line} />),
      part(`budget-${code}`, budget, () => <Budget code={code} budget={budget} />, budgetKey(budget)),
      ...pairs.map((pair) => part(`lamps-${pair.id}`, pair.lamps, () => <Lamps pair={pair} />, lampsOf(pair))),
      ...pairs.map((pair) => part(`rate-${pair.id}`, pair.rate, () => <Rate pair={pair} />, ratesOf(pair))),
    ],
  };
}

const shapeOf = (pair: PairProps) => `${pair.id} ${pair.operatorName} ${pair.priority} ${pair.active}`;
const lampsOf = (pair: PairProps) => pair.lamps.map((lamp) => `${lamp.session}=${lamp.state}`).join();

function ratesOf({ rate, tone }: PairProps): string {
  if (rate.kind === "insufficient") return `${rate.n}`;
  return `${rate.value.toFixed(3)} ${rate.lower.toFixed(3)} ${rate.upper.toFixed(3)} ${rate.n} ${tone}`;
}

/** Seconds are enough for a grant: its age is measured anew at each look and wavers by a few ms. */
export function budgetKey(budget: BudgetProps): string {
  const newest = budget.grantsAt.length > 0 ? Math.round(Math.max(...budget.grantsAt) / 1000) : 0;
  const freeAt = budget.freeAt === null ? "" : Math.round(budget.freeAt / 1000);
  return `${budget.used}/${budget.limit} ${budget.windowMs} ${budget.waiting} ${budget.broken} ${budget.grantsAt.length} ${newest} ${freeAt}`;
}

/** A session that changed its state is shown at once; its CPU and memory can wait for the next look. */
export function whenStatesChange(services: { directory: Directory; fleet: Fleet }, nudge: () => void): () => void {
  const { directory, fleet } = services;
  const shown = new Map<string, string>();
  const shownOf = (id: string): string => {
    const session = directory.session(id);
    return session ? stateOf(session, fleet.state(id)) : "";
  };
  for (const session of directory.sessions()) shown.set(session.id, shownOf(session.id));
  const leaveFleet = fleet.changed.subscribe((ids) => {
    let news = false;
    for (const id of ids) {
      const state = shownOf(id);
      if (shown.get(id) !== state) news = true;
      shown.set(id, state);
    }
    if (news) nudge();
  });
  const leaveDirectory = directory.changed.subscribe(nudge);
  return () => {
    leaveFleet();
    leaveDirectory();
  };
}
