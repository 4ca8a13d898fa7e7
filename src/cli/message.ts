/** `signalbox message ID`: where a message stands, and what was told of it. */

import { EXIT } from "./exit.ts";
import type { Verb } from "./verb.ts";

interface Answer {
  message: {
    program: string;
    message_id: string;
    pair: string;
    session: string | null;
    state: string;
    error_code: string | null;
    submitted_at: string;
    permit_id: string | null;
    gateway: string | null;
    gateway_message_id: string | null;
    phone: string | null;
    converted_at: string | null;
  };
  reports: Report[];
}

export interface Report {
  state: string;
  at: string;
  received_at: string;
  told_by: string;
  from: string | null;
  to: string | null;
  why_not: string | null;
  late: boolean;
  error_code: string | null;
  latency_ms: number | null;
  part: number | null;
  parts: number | null;
}

export const message: Verb = {
  name: "message",
  operands: "<id>",
  summary: "Show where a message stands and all that was told of it",
  about: "The id is the program's own. Search by phone number or gateway id on the page of messages, or with POST /api/messages/searches.",
  flags: { program: { type: "string", value: "<program>", about: "whose message, when several programs use the same id" } },
  examples: ["signalbox message m-000123", "signalbox message 77 --program program2 --json"],
  async run({ operands: [id = ""], flags, json, terminal, client }) {
    const whose = typeof flags.program === "string" ? `?program=${encodeURIComponent(flags.program)}` : "";
    const answer = await client().call<Answer>("GET", `/api/messages/${encodeURIComponent(id)}${whose}`);
    if (json) terminal.say(JSON.stringify(answer));
    else for (const line of [...head(answer.message), ...answer.reports.flatMap(told)]) terminal.say(line);
    return EXIT.ok;
  },
};

function head(message: Answer["message"]): string[] {
  const facts = {
    "submitted ": message.submitted_at,
    "phone     ": message.phone,
    "permit    ": message.permit_id,
    "gateway   ": [message.gateway, message.gateway_message_id].filter(Boolean).join(" ") || null,
    "converted ": message.converted_at,
  };
  return [
    `${message.message_id}: ${message.state}${message.error_code === null ? "" : ` (${message.error_code})`}`,
    `  ${message.pair}, ${message.program}${message.session === null ? "" : `, ${message.session}`}`,
    ...Object.entries(facts).flatMap(([name, value]) => (value === null ? [] : [`  ${name} ${value}`])),
  ];
}

const WHY: Record<string, string> = {
  lower_rank: "moved nothing: a later state was known",
  same: "moved nothing: the same state with another code",
  contradiction: "CONTRADICTION: another end stands",
  part: "moved nothing yet: other parts are on their way",
  converted: "its use was noted",
};

export function told(report: Report): string[] {
  const part = report.part === null ? "" : ` part ${report.part}/${report.parts}`;
  const code = report.error_code === null ? "" : ` (${report.error_code})`;
  const did = report.why_not === null ? `${report.from ?? "first heard of"} -> ${report.to}` : (WHY[report.why_not] ?? report.why_not);
  const latency = report.latency_ms === null ? "" : `, ${(report.latency_ms / 1000).toFixed(1)} s after its submit`;
  return [
    `${report.received_at}  ${report.state}${part}${code} by ${report.told_by}: ${did}${report.late ? ", late" : ""}${latency}`,
    ...(report.at === report.received_at ? [] : [`${" ".repeat(report.received_at.length)}  happened ${report.at}`]),
  ];
}
