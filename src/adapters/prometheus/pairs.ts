/** Success rates and settings of each pair at the scrape. */

import type { Directory } from "../../pairs/directory.ts";
import type { Pair } from "../../pairs/pair.ts";
import type { Rate } from "../../results/numbers.ts";
import { type Family, gauge } from "./family.ts";

const LABELS = ["country", "operator"];

export function pairFamilies(directory: Directory, rateOf: (pair: string) => Rate): Family[] {
  function ofPairs(name: string, help: string, read: (pair: Pair) => number | null): Family {
    return gauge(name, help, LABELS, function* () {
      for (const pair of directory.pairs()) {
        const value = read(pair);
        yield value === null ? null : [{ country: pair.country, operator: pair.operator }, value];
      }
    });
  }
  // A rate that is not known yet has no ratio: a 0 or a NaN would page somebody.
  function ofRates(name: string, help: string, read: (rate: Extract<Rate, { kind: "rate" }>) => number): Family {
    return ofPairs(name, help, ({ id }) => {
      const rate = rateOf(id);
      return rate.kind === "rate" ? read(rate) : null;
    });
  }
  return [
    ofRates(
      "signalbox_pair_success_ratio",
      "Delivered share of mature messages, 0-1; absent while the sample is insufficient",
      (rate) => rate.value,
    ),
    ofRates("signalbox_pair_success_ratio_lower", "Lower end of its Wilson 95% interval", (rate) => rate.lower),
    ofRates("signalbox_pair_success_ratio_upper", "Upper end of its Wilson 95% interval", (rate) => rate.upper),
    ofPairs("signalbox_pair_success_sample", "Mature messages the ratio is counted over", ({ id }) => rateOf(id).n),
    ofPairs("signalbox_pair_active", "Whether the pair may be granted permits", ({ active }) => (active ? 1 : 0)),
    ofPairs("signalbox_pair_priority", "Whether the pair is high priority", ({ priority }) => (priority ? 1 : 0)),
  ];
}
