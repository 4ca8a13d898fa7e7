import { join } from "node:path";
import { ownScreens } from "../cast/screens.ts";
import { terminalsContract } from "./terminals.ts";

const screens = ownScreens("contract");
terminalsContract("screen", {
  folder: screens.folder,
  open: () => screens.open(),
  order: screens.order,
  runFolder: ({ session, run }) => join(screens.runtimeFolder, "sessions", session, run),
});
