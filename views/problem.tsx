/** An error as a page: what happened, what to do, where to go on. */

import { html } from "hono/html";
import { type AssetUrls, BareFrame } from "./frame.tsx";

export interface ProblemProps {
  status: number;
  title: string;
  detail: string;
  errors: readonly { field: string; message: string }[];
  requestId: string;
}

export function Problem(props: ProblemProps) {
  const [first, ...more] = props.errors;
  const saidAbove = more.length === 0 && first !== undefined && props.detail === `${first.field}: ${first.message}`;
  return (
    <section class="problem" role="alert">
      <h1>{props.title}</h1>
      <p>{props.detail}</p>
      {props.errors.length > 0 && !saidAbove && (
        <ul>
          {props.errors.map((error) => (
            <li>
              <b>{error.field}</b> {error.message}
            </li>
          ))}
        </ul>
      )}
      <p class="problem-foot">
        <a href="/">Back to the board</a> <small>{`${props.status} · request ${props.requestId}`}</small>
      </p>
    </section>
  );
}

/** The whole page, or the part alone for a swap into a page that stands. */
export function problemPage(props: ProblemProps, assets: AssetUrls | null, part: boolean): string {
  const problem = <Problem {...props} />;
  if (part || assets === null) return String(problem);
  const frame = (
    <BareFrame title={props.title} assets={assets}>
      {problem}
    </BareFrame>
  );
  return String(html`<!DOCTYPE html>${frame}`);
}
