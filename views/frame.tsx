/** The frame of every page: head, navigation, who is logged in, the drawer and the dialog that app.js fills. */

import type { Child } from "hono/jsx";
import type { Role } from "../src/access/role.ts";
import type { Hold } from "../src/permits/hold.ts";
import { clockTime } from "./format.ts";
import { HoldBanner } from "./holds/banner.tsx";
import { texts } from "./texts.ts";

export type Nav = keyof typeof texts.nav;

/** One line per page; a later page is a line more here and a word in texts.ts. On the phone all of them stand at the bottom. */
const PAGES: readonly { nav: Nav; href: string; icon: string }[] = [
  { nav: "board", href: "/", icon: "M3 5h4M3 10h4M3 15h4M10 5h7M10 10h7M10 15h7" },
  { nav: "sessions", href: "/sessions", icon: "M3 4h14v12H3zM6 8l3 2.5L6 13M11 13h3" },
  { nav: "pairs", href: "/pairs", icon: "M3 10h4m6 0h4M7 6h6v8H7z" },
  { nav: "messages", href: "/messages", icon: "M3 5h14v9H9l-4 3v-3H3zM6 8h8M6 11h5" },
  { nav: "programs", href: "/programs", icon: "M7 6l-4 4 4 4M13 6l4 4-4 4" },
  { nav: "strangers", href: "/strangers", icon: "M10 3l7 7-7 7-7-7zM10 8v3M10 13v.5" },
  { nav: "permits", href: "/permits", icon: "M3 14h14M5 14V8M9 14V5M13 14v-4M16 14V7" },
  { nav: "history", href: "/history", icon: "M3 4v12h14M5 13l4-4 3 2 5-6" },
];

export interface AssetUrls {
  css: string;
  htmx: string;
  /** A module; the ones it needs are named too, so that they come along with it. */
  app: string;
  modules: readonly string[];
  icon: string;
}

export interface FrameProps {
  title: string;
  nav: Nav | null;
  /** The page's stream, `board`; null: this page shows one moment. */
  topic: string | null;
  user: { name: string; role: Role } | null;
  /** Their page stands in the navigation only while there are any. */
  strangers: number;
  /** What is held stands on every page. */
  holds: readonly Hold[];
  node: string;
  now: number;
  assets: AssetUrls;
  /** The library and the module that draws; null: a page without charts loads neither. */
  charts: readonly [library: string, module: string] | null;
  children?: Child;
}

// data-off: hidden by the filter. A morph must not undo what the reader typed.
const HTMX = JSON.stringify({
  history: false,
  includeIndicatorCSS: false,
  morphIgnore: ["data-htmx-powered", "data-off", "data-open", "data-held", "open"],
});

export function Frame(props: FrameProps) {
  const { assets, user } = props;
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="htmx-config" content={HTMX} />
        <title>{`${props.title} · ${texts.product}`}</title>
        <link rel="icon" href={assets.icon} type="image/svg+xml" />
        <link rel="stylesheet" href={assets.css} />
        <script src={assets.htmx} defer />
        <script src={assets.app} type="module" />
        {assets.modules.map((url) => (
          <link rel="modulepreload" href={url} />
        ))}
        {props.charts && <script src={props.charts[0]} defer />}
        {props.charts && <script src={props.charts[1]} type="module" />}
      </head>
      <body data-now={props.now} data-topic={props.topic ?? undefined}>
        <a class="skip" href="#main">
          {texts.skip}
        </a>
        <Mark />
        <header class="side">
          <a class="brand" href="/">
            <svg aria-hidden="true" viewBox="0 0 24 40">
              <use href="#mark" />
            </svg>
            {texts.product}
          </a>
          <nav aria-label={texts.navigation}>
            {PAGES.filter((page) => isShown(page.nav, props)).map((page) => (
              <a href={page.href} aria-current={page.nav === props.nav ? "page" : undefined}>
                <svg aria-hidden="true" viewBox="0 0 20 20">
                  <path d={page.icon} />
                </svg>
                {texts.nav[page.nav]}
                {page.nav === "strangers" && props.strangers > 0 && <b class="count">{props.strangers}</b>}
              </a>
            ))}
          </nav>
          {user && (
            <div class="who">
              <p>
                <b>{user.name}</b> <span>{texts.role[user.role]}</span>
              </p>
              <p class="node" title={props.node}>
                {props.node}
              </p>
              {user.role === "admin" && (
                <a class="quiet" href="/settings">
                  {texts.settings.title}
                </a>
              )}
              <p class="api">
                <a class="quiet" href="/api/docs">
                  {texts.reference.title}
                </a>
              </p>
              <form method="post" action="/logout">
                <button type="submit" class="plain">
                  {texts.logout}
                </button>
              </form>
            </div>
          )}
        </header>
        <main id="main" tabindex={-1}>
          <HoldBanner holds={props.holds} />
          {props.children}
        </main>
        <aside id="drawer" aria-label={texts.session.one} tabindex={-1} hidden />
        <dialog id="dialog" aria-labelledby="dialog-title" />
      </body>
    </html>
  );
}

function isShown(nav: Nav, props: FrameProps): boolean {
  if (nav === "strangers") return props.strangers > 0 || props.nav === "strangers";
  // Viewers see numbers, not single messages.
  return nav !== "messages" || props.user?.role !== "viewer";
}

/** A page without navigation: login, errors. */
export function BareFrame(props: { title: string; assets: AssetUrls; children?: Child }) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${props.title} · ${texts.product}`}</title>
        <link rel="icon" href={props.assets.icon} type="image/svg+xml" />
        <link rel="stylesheet" href={props.assets.css} />
      </head>
      <body class="bare">
        <Mark />
        <main id="main">
          <p class="brand">
            <svg aria-hidden="true" viewBox="0 0 24 40">
              <use href="#mark" />
            </svg>
            {texts.product}
          </p>
          {props.children}
        </main>
      </body>
    </html>
  );
}

function Mark() {
  return (
    <svg class="defs" aria-hidden="true" width="0" height="0">
      <symbol id="mark" viewBox="0 0 24 40">
        <path class="mark-post" d="M12 25v13M6 38h12" />
        <rect class="mark-box" x="4" y="2" width="16" height="24" rx="8" />
        <circle class="mark-lit" cx="12" cy="9.5" r="4" />
        <circle class="mark-dark" cx="12" cy="19" r="3.2" />
      </symbol>
    </svg>
  );
}

/** Title, tally, filter, and whether what one sees is alive. */
export function PageHead(props: {
  title: string;
  tally?: Child;
  filter?: Child;
  now: number;
  live: boolean;
  crumb?: { href: string; text: string };
}) {
  return (
    <div class="head">
      <h1>
        {props.crumb && (
          <>
            <a href={props.crumb.href}>{props.crumb.text}</a> <span aria-hidden="true">/</span>{" "}
          </>
        )}
        {props.title}
      </h1>
      {props.tally}
      <div class="head-end">
        {props.filter}
        {props.live && (
          <>
            <span class="pill" id="live" title={texts.asOfTitle}>
              {texts.asOf(clockTime(props.now))}
            </span>
            <span class="hush" id="live-said" role="status" />
          </>
        )}
      </div>
    </div>
  );
}

/** What a form that was just sent did, or why it did not. */
export function Notice({ tone, children }: { tone: "go" | "stop"; children?: Child }) {
  return (
    <p class={`notice ${tone}`} role={tone === "stop" ? "alert" : "status"}>
      {children}
    </p>
  );
}
