/** The catalogue of the package `mcc-mnc-list`, read from inside the executable when somebody first asks; half of what it holds is let go again. */

import { type Catalogue, catalogueOf, type ListedNetwork } from "./catalogue.ts";

let opening: Promise<Catalogue> | null = null;

export function openCatalogue(): Promise<Catalogue> {
  opening ??= read();
  return opening;
}

async function read(): Promise<Catalogue> {
  // As a file, so that its 900 KB of text and its unused columns are not kept.
  const { default: path } = await import("mcc-mnc-list/mcc-mnc-list.json", { with: { type: "file" } });
  return catalogueOf((await Bun.file(String(path)).json()) as ListedNetwork[]);
}
