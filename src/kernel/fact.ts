/** A number a feature measured. Rules and the exporter read facts; features never read each other. */
export interface Fact {
  /** What it is about: `{ session: "program1_UZ_uzmobile", country: "UZ" }`. */
  subject: Record<string, string>;
  name: string;
  value: number;
  at: number;
}
