/** A session's own page, and the page that asks before something ends. */

import type { Child } from "hono/jsx";
import type { Timeline } from "../../src/fleet/timeline.ts";
import { Notice, PageHead } from "../frame.tsx";
import { LiveNumbers, type LiveNumbersProps } from "../numbers/live.tsx";
import { texts } from "../texts.ts";
import { SessionDetail } from "./detail.tsx";
import { type LoadProps, SessionLoad } from "./load.tsx";
import type { SessionDetailProps } from "./props.ts";
import { RecordLevers } from "./record.tsx";
import { SessionTimeline } from "./timeline.tsx";

const words = texts.session;

/** What it did until now. */
export interface SessionPast {
  /** null: nothing was ever told of it. */
  numbers: LiveNumbersProps | null;
  load: LoadProps;
  timeline: Timeline;
  newest: boolean;
}

export function SessionPage({
  detail,
  past,
  notice,
}: {
  detail: SessionDetailProps;
  past: SessionPast;
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
      {past.numbers && <LiveNumbers {...past.numbers} />}
      <SessionLoad name={session.name} load={past.load} />
      <SessionTimeline id={session.id} name={session.name} now={detail.now} timeline={past.timeline} newest={past.newest} />
      {detail.acts && <RecordLevers session={session} />}
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
