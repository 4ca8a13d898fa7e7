import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { openOutput, trimOutput } from "../../src/adapters/screen/output.ts";
import { screenPrinted } from "../../src/adapters/screen/printed.ts";
import { ownFolder } from "../cast/folder.ts";
import { printedContract } from "./printed.ts";

printedContract("screen", () => {
  const data = ownFolder("printed");
  const folder = (session: string) => join(data, "output", session);
  return {
    printed: screenPrinted(data),
    begin: (session, run, keep) => openOutput(folder(session), run, keep),
    print: (session, run, text) => appendFileSync(join(folder(session), `${run}.log`), text),
    cut: (session, run, bytes) => trimOutput(folder(session), run, bytes),
  };
});
