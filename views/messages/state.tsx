/** The state of a message as a sign and a word. */

import type { LampState, Tone } from "../../src/fleet/states.ts";
import type { MessageState as State } from "../../src/results/message.ts";
import { Sign } from "../parts.tsx";
import { texts } from "../texts.ts";

/** By the signs the lamps have, so that good and bad look alike on every page. */
const SIGNS: Record<State, { state: LampState; tone: Tone }> = {
  attempt: { state: "starting", tone: "quiet" },
  submitted: { state: "starting", tone: "go" },
  buffered: { state: "backoff", tone: "caution" },
  delivered: { state: "running", tone: "go" },
  undelivered: { state: "crashed", tone: "stop" },
  rejected: { state: "crashed", tone: "stop" },
  expired: { state: "crashed", tone: "stop" },
  failed: { state: "crashed", tone: "stop" },
  blocked: { state: "stopped", tone: "quiet" },
  unknown: { state: "lost", tone: "caution" },
};

export function MessageState({ state }: { state: State }) {
  const sign = SIGNS[state];
  return (
    <span class={`state ${sign.tone}`} title={texts.message.states[state]}>
      <Sign state={sign.state} tone={sign.tone} />
      {state}
    </span>
  );
}
