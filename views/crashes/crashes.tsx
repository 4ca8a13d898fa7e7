/** Crash cards: one for each reason for which sessions are down against their wish. */

import type { CrashGroup } from "../../src/fleet/crash-groups.ts";
import { Diamond } from "../board/line.tsx";
import { count } from "../format.ts";
import { PageHead } from "../frame.tsx";
import { Ago, Empty, Until } from "../parts.tsx";
import { texts } from "../texts.ts";

const words = texts.crash;
const NAMED = 12;

export function CrashesPage({ groups, now, acts }: { groups: readonly CrashGroup[]; now: number; acts: boolean }) {
  return (
    <>
      <PageHead title={words.title} crumb={{ href: "/sessions", text: texts.session.title }} now={now} live />
      <CrashCards groups={groups} now={now} acts={acts} />
    </>
  );
}

export function CrashCards({ groups, now, acts }: { groups: readonly CrashGroup[]; now: number; acts: boolean }) {
  const sessions = groups.reduce((sum, group) => sum + group.sessions.length, 0);
  return (
    <div id="crashes">
      {groups.length === 0 ? (
        <Empty title={words.emptyTitle}>
          <p>{words.empty}</p>
        </Empty>
      ) : (
        <>
          <p class="quiet">{words.hint(sessions, groups.length)}</p>
          {groups.map((group) => (
            <CrashCard group={group} now={now} acts={acts} />
          ))}
        </>
      )}
    </div>
  );
}

function CrashCard({ group, now, acts }: { group: CrashGroup; now: number; acts: boolean }) {
  const names = group.sessions.map(({ name }) => name).join(",");
  const link = (action: string) => `/sessions/actions?${new URLSearchParams({ action, sessions: names })}`;
  const one = group.sessions.length === 1 ? group.sessions[0] : undefined;
  return (
    <section class="panel" id={group.id} aria-labelledby={`${group.id}-title`}>
      <h2 id={`${group.id}-title`}>
        <span class="stop">{one ? one.name : words.pairs(group.sessions.length)}</span>: {group.title}
      </h2>
      <dl class="facts">
        {group.where && (
          <>
            <dt>{words.where}</dt>
            <dd>
              <code>{group.where}</code>
            </dd>
          </>
        )}
        <dt>{words.exit}</dt>
        <dd>{group.exitWords}</dd>
        <dt>{words.last}</dt>
        <dd>
          <Ago at={group.lastAt} now={now} />
        </dd>
        {group.firstAt !== group.lastAt && (
          <>
            <dt>{words.first}</dt>
            <dd>
              <Ago at={group.firstAt} now={now} />
            </dd>
          </>
        )}
        <dt>{words.restarts}</dt>
        <dd>{count(group.restarts)}</dd>
        <dt>{words.nextTry}</dt>
        <dd>{group.nextTryAt === null ? words.gaveUp : <Until at={group.nextTryAt} now={now} />}</dd>
        <dt>{words.sessions}</dt>
        <dd>
          {group.sessions.slice(0, NAMED).map((session, i) => (
            <>
              {i > 0 && ", "}
              {session.priority && <Diamond />}
              <a href={`/sessions/${session.name}`}>{session.name}</a>
            </>
          ))}
          {group.sessions.length > NAMED && ` ${words.more(group.sessions.length - NAMED)}`}
        </dd>
      </dl>
      {acts && (
        <div class="levers">
          <a class="button main" href={link("start")}>
            {words.startNow}
          </a>
          {group.nextTryAt !== null && (
            <a class="button" href={link("give_up")}>
              {words.giveUp}
            </a>
          )}
          <a class="button danger" href={link("stop")}>
            {words.stop}
          </a>
        </div>
      )}
      {group.example.lines.length > 0 && (
        <>
          <h3>{words.lines(group.example.session)}</h3>
          <pre class="lines-of-output" tabindex={0}>
            {group.example.lines.join("\n")}
          </pre>
        </>
      )}
    </section>
  );
}
