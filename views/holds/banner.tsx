/** What is held, on every page while it lasts. Empty when nothing is. */

import type { Hold } from "../../src/permits/hold.ts";
import { exact } from "../format.ts";
import { texts } from "../texts.ts";

const words = texts.hold;

export function HoldBanner({ holds }: { holds: readonly Hold[] }) {
  return (
    <div id="holds" role="status">
      {holds.length > 0 && (
        <ul class="holds">
          {holds.map((hold) => (
            <li>
              <a href="/holds">
                <b>{words.isHeld(hold.what)}</b>
              </a>{" "}
              <span>
                {hold.reason} · {words.byUntil(hold.by)} <time datetime={new Date(hold.until).toISOString()}>{exact(hold.until)}</time>
              </span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
