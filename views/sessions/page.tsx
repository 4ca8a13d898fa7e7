/** A session's own page, and the page that asks before something ends. */

import type { Child } from "hono/jsx";
import { Notice, PageHead } from "../frame.tsx";
import { texts } from "../texts.ts";
import { SessionDetail } from "./detail.tsx";
import type { SessionDetailProps } from "./props.ts";

const words = texts.session;

export function SessionPage({
  detail,
  notice,
}: {
  detail: SessionDetailProps;
  notice?: { tone: "go" | "stop"; text: string } | undefined;
}) {
  const { session } = detail;
  return (
    <>
      <PageHead title={session.name} crumb={{ href: "/sessions", text: words.title }} now={detail.now} live />
      {notice && <Notice tone={notice.tone}>{notice.text}</Notice>}
      <h2 class="hush">{words.one}</h2>
      <div class="session whole">
        <SessionDetail detail={detail} />
      </div>
      {detail.acts && session.levers.retire.ready && (
        <p class="row">
          <a class="button danger" href={`/sessions/${session.name}/retirement`} data-dialog>
            {words.retire}
          </a>
        </p>
      )}
    </>
  );
}

export function ConfirmPage({ title, children }: { title: string; children: Child }) {
  return (
    <>
      <PageHead title={title} now={0} live={false} />
      <div class="panel narrow">{children}</div>
    </>
  );
}
