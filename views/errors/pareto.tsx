/** Errors by class as bars, the most frequent first, each with its codes. */

import type { ParetoClass } from "../../src/results/pareto.ts";
import { count, percent } from "../format.ts";
import { texts } from "../texts.ts";

const words = texts.errors;
const NAMED = 6;

export function Pareto({ groups }: { groups: readonly ParetoClass[] }) {
  const most = groups[0]?.n ?? 1;
  return (
    <ol class="pareto">
      {groups.map((group) => (
        <li class={group.blame ?? "unclassified"}>
          <p>
            <b>{group.name}</b> <span class="quiet">{group.words ?? words.unclassifiedWords}</span>
            <span class="how-many">
              {count(group.n)} <small>{`${percent(group.share)}%`}</small>
            </span>
          </p>
          <svg aria-hidden="true" viewBox="0 0 100 4" preserveAspectRatio="none">
            <path d={`M0 0h${Math.max(0.5, (100 * group.n) / most).toFixed(1)}v4H0z`} />
          </svg>
          <p class="quiet codes">
            {group.codes.slice(0, NAMED).map(({ code, n }) => (
              <span>
                <a href={`/errors?code=${encodeURIComponent(code)}#map`}>
                  <code>{code}</code>
                </a>{" "}
                {count(n)}
              </span>
            ))}
            {group.codes.length > NAMED && <span>{words.more(group.codes.length - NAMED)}</span>}
            {group.blame !== null && <span>{words.blames[group.blame]}</span>}
          </p>
        </li>
      ))}
    </ol>
  );
}
