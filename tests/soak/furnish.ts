/** What the soak has beside the samples: programs that behave badly, and delays short enough for many retries. */

import type { Stage } from "./stage.ts";

export async function furnish({ sample }: Stage): Promise<void> {
  const restart = { first_delay_ms: 300, cap_ms: 3_000, stable_after_ms: 20_000, give_up_after: 6, give_up_window_ms: 120_000 };
  const { programs } = await sample.api.call<{ programs: Record<string, unknown>[] }>("GET", "/api/programs");
  for (const program of programs) {
    const {
      environment: _,
      secrets: __,
      sessions: ___,
      version: ____,
      created_at: _____,
      updated_at: ______,
      measured_by: _______,
      ...kept
    } = program;
    await sample.api.call("PUT", `/api/programs/${program.name}`, { ...kept, restart, stop_timeout_ms: 4_000 });
  }
  const bad = {
    printer: "stty ixon; while :; do echo tick; sleep 0.2; done",
    stubborn: "trap '' TERM HUP INT; while :; do sleep 0.5; done",
    leaver: "setsid sleep 3600 & exec sleep 3600",
  };
  const pairs = ["UZ_uzmobile", "IN_vi", "AZ_azercell"];
  for (const [name, script] of Object.entries(bad)) {
    const program = { name, template: ["sh", "-c", script], folder: "/tmp", stop_timeout_ms: 1_500, restart };
    await sample.api.call("POST", "/api/programs", program);
    for (const pair of pairs) await sample.api.call("POST", "/api/sessions", { program: name, pairs: [pair] });
  }
}
