/** What the pages show of a stranger, from what the fleet knows. Pure reading. */

import type { StrangerProps } from "../../views/strangers/props.ts";
import { texts } from "../../views/texts.ts";
import { LAMPS } from "../fleet/states.ts";
import type { Stranger } from "../fleet/stranger.ts";
import type { Directory } from "../pairs/directory.ts";

const words = texts.stranger;
/** It is nothing any more, and looks like that. */
const DEAD = { ...LAMPS.stopped, state: "stopped", word: words.dead } as const;

export function strangerModel(stranger: Stranger, directory: Directory): StrangerProps {
  const { state, guess } = stranger;
  const { address, why, name, screenPid, pid, startedAt, command, folder, user, variables, refusal } = stranger;
  const whole = guess.program !== null && guess.pairs.length > 0;
  return {
    ...{ address, why, name, screenPid, pid, startedAt, command, folder, user, variables, refusal },
    lamp: state === "dead" ? DEAD : { state, ...LAMPS[state] },
    program: guess.program,
    pairs: guess.pairs,
    readFrom: guess.by === null ? words.notRead : words.readFrom[guess.by],
    doubles: stranger.doubles === null ? null : (directory.session(stranger.doubles)?.name ?? null),
    matches: state === "stranger" && stranger.doubles === null && refusal === null && whole,
  };
}
