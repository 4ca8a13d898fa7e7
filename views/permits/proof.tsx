/** The proof of one country: what its window holds and who holds it, who waits, what became of the permits, and whether the limit was ever broken. */

import { PageHead } from "../frame.tsx";
import { texts } from "../texts.ts";
import { Against } from "./proof-against.tsx";
import { Breaches, Broken } from "./proof-breaches.tsx";
import { Kept, Now } from "./proof-now.tsx";
import type { ProofProps } from "./proof-props.ts";
import { Holders, Waiters } from "./proof-slots.tsx";

const words = texts.permit;
const own = texts.proof;

export function ProofPage(props: ProofProps) {
  const { code, name } = props;
  return (
    <>
      <PageHead title={`${code} ${name}`} crumb={{ href: "/permits", text: words.title }} now={props.now} live />
      <Broken {...props} />
      <div class="columns proof-page">
        <Now {...props} />
        <Kept {...props} />
        <Against {...props} />
        <Holders {...props} />
        <div class="proof-side">
          <Waiters {...props} />
          <Breaches {...props} />
        </div>
      </div>
      <section class="panel proof-ledger">
        <h2>{own.ledger}</h2>
        <p class="quiet">{own.ledgerHint}</p>
        <LedgerForm code={code} />
        <p class="quiet">
          {own.verify} <code>signalbox permits verify --country {code}</code>
        </p>
      </section>
    </>
  );
}

function LedgerForm({ code }: { code: string }) {
  return (
    <form method="get" action={`/api/permits/${code}/ledger`} class="inline-form">
      <div class="field">
        <label for="ledger-from">{own.fromDay}</label>
        <input type="datetime-local" id="ledger-from" name="from" step="1" />
      </div>
      <div class="field">
        <label for="ledger-to">{own.toDay}</label>
        <input type="datetime-local" id="ledger-to" name="to" step="1" />
      </div>
      <button type="submit" name="format" value="csv">
        {own.csv}
      </button>
      <button type="submit" name="format" value="ndjson">
        {own.ndjson}
      </button>
    </form>
  );
}
