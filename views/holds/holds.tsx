/** The emergency hold: what is held, the form that holds, and the one that lets go. */

import type { Hold } from "../../src/permits/hold.ts";
import { type Choice, FormErrors, type FormState, SelectField, TextField } from "../fields.tsx";
import { exact } from "../format.ts";
import { Notice, PageHead } from "../frame.tsx";
import { Empty } from "../parts.tsx";
import { texts } from "../texts.ts";

const words = texts.hold;

export interface HoldsProps {
  holds: readonly Hold[];
  /** The reader may hold. */
  admin: boolean;
  what: readonly Choice[];
  form: FormState;
  notice: { tone: "go" | "stop"; text: string } | null;
}

export function HoldsPage({ holds, admin, what, form, notice }: HoldsProps) {
  return (
    <>
      <PageHead title={words.title} crumb={{ href: "/permits", text: texts.permit.title }} now={0} live={false} />
      {notice && <Notice tone={notice.tone}>{notice.text}</Notice>}
      <p class="quiet hold-hint">{words.hint}</p>
      {holds.length === 0 ? <Empty title={words.noneTitle} /> : <Held holds={holds} admin={admin} />}
      {admin ? (
        <form class="hold-form sheet" method="post" action="/holds">
          <h2>{words.hold}</h2>
          <FormErrors form={form} />
          <SelectField form={form} name="what" label={words.what} choices={what} />
          <SelectField form={form} name="minutes" label={words.forHowLong} choices={words.lengths} />
          <TextField form={form} name="reason" label={words.reason} hint={words.reasonHint} required />
          <TextField form={form} name="typed" label={words.typed} hint={words.typedHint} required />
          <p class="row">
            <button type="submit" class="danger">
              {words.holdNow}
            </button>
          </p>
        </form>
      ) : (
        <p class="quiet">{words.adminsOnly}</p>
      )}
    </>
  );
}

function Held({ holds, admin }: Pick<HoldsProps, "holds" | "admin">) {
  return (
    <div class="table">
      <table class="dense wide">
        <thead>
          <tr>
            {words.columns.map((column) => (
              <th scope="col">{column}</th>
            ))}
            {admin && <th scope="col">{words.action}</th>}
          </tr>
        </thead>
        <tbody>
          {holds.map((hold) => (
            <tr id={`hold-${hold.id}`}>
              <th scope="row">{words.name(hold.what)}</th>
              <td class="wrap">{hold.reason}</td>
              <td data-label={words.columns[2]}>{hold.by}</td>
              <td data-label={words.columns[3]}>{exact(hold.at)}</td>
              <td data-label={words.columns[4]}>{exact(hold.until)}</td>
              {admin && (
                <td>
                  <form method="post" action={`/holds/${hold.id}/ends`}>
                    <button type="submit" aria-label={words.letGoOf(hold.what)}>
                      {words.letGo}
                    </button>
                  </form>
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
