import { join } from "node:path";
import { ownScreens } from "../cast/screens.ts";
import { everyStartInASpare } from "../cast/spares.ts";
import { terminalsContract } from "./terminals.ts";

const screens = ownScreens("contract");
terminalsContract("screen", {
  folder: screens.folder,
  open: () => screens.open(),
  order: screens.order,
  runFolder: ({ session, run }) => join(screens.runtimeFolder, "sessions", session, run),
});

const waiting = ownScreens("contract of waiting screens");
terminalsContract("screen, each run in one that was there already", {
  folder: waiting.folder,
  open: () => everyStartInASpare(waiting),
  order: waiting.order,
  runFolder: ({ session, run }) => join(waiting.runtimeFolder, "sessions", session, run),
});
