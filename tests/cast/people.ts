/** The cast: people, programs and pairs that tests share, so that a name means the same everywhere. */

import type { Actor } from "../../src/kernel/act.ts";
import { newPair, type ProgramInput, programInput } from "../../src/pairs/input.ts";

export const anna: Actor = { name: "anna", from: "10.0.0.7" };
export const boris: Actor = { name: "boris", from: "10.0.0.8" };

export const uzmobile = newPair.parse({ country: "UZ", operator: "uzmobile", operator_name: "UzMobile", mccmnc: ["43403", "43408"] });
export const beeline = newPair.parse({ country: "UZ", operator: "beeline", operator_name: "Beeline" });
export const airtel = newPair.parse({ country: "IN", operator: "airtel", operator_name: "AirTel Gujarat" });

/** A program that lives until it is told otherwise. */
export function sleeper(name = "program1", more: Partial<Record<keyof ProgramInput, unknown>> = {}): ProgramInput {
  return programInput.parse({ name, template: ["sleep", "600"], folder: "/tmp", ...more });
}
