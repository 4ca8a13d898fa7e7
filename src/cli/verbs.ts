/** The verbs, in the order of the help. One file each. */

import { adopt } from "./adopt.ts";
import { configCheck } from "./config-check.ts";
import { configShow } from "./config-show.ts";
import { countries } from "./countries.ts";
import { countriesSet } from "./countries-set.ts";
import { crashes } from "./crashes.ts";
import { demo } from "./demo.ts";
import { giveUp } from "./give-up.ts";
import { health } from "./health.ts";
import { helpVerb } from "./help.ts";
import { history } from "./history.ts";
import { hold } from "./hold.ts";
import { holds } from "./holds.ts";
import { logs } from "./logs.ts";
import { message } from "./message.ts";
import { pairs } from "./pairs.ts";
import { pairsAdd } from "./pairs-add.ts";
import { pairsExport } from "./pairs-export.ts";
import { pairsImport } from "./pairs-import.ts";
import { pairsPriority } from "./pairs-priority.ts";
import { pairsRetire } from "./pairs-retire.ts";
import { pairsSet } from "./pairs-set.ts";
import { pairsUndo } from "./pairs-undo.ts";
import { patterns } from "./patterns.ts";
import { patternsSet } from "./patterns-set.ts";
import { patternsTest } from "./patterns-test.ts";
import { permitsVerify } from "./permits-verify.ts";
import { ps } from "./ps.ts";
import { release } from "./release.ts";
import { rename } from "./rename.ts";
import { restart } from "./restart.ts";
import { serve } from "./serve.ts";
import { start } from "./start.ts";
import { stop } from "./stop.ts";
import { strangers } from "./strangers.ts";
import { thaw } from "./thaw.ts";
import { tokenCreate } from "./token-create.ts";
import { tokenList } from "./token-list.ts";
import { tokenRevoke } from "./token-revoke.ts";
import { unhold } from "./unhold.ts";
import { userAdd } from "./user-add.ts";
import { userList } from "./user-list.ts";
import { userPassword } from "./user-password.ts";
import type { Verb } from "./verb.ts";
import { version } from "./version.ts";

export const verbs: readonly Verb[] = [
  serve,
  ps,
  start,
  stop,
  restart,
  giveUp,
  thaw,
  logs,
  history,
  rename,
  strangers,
  adopt,
  release,
  crashes,
  message,
  pairs,
  pairsAdd,
  pairsSet,
  pairsUndo,
  pairsRetire,
  pairsPriority,
  pairsImport,
  pairsExport,
  countries,
  countriesSet,
  patterns,
  patternsSet,
  patternsTest,
  holds,
  hold,
  unhold,
  permitsVerify,
  userAdd,
  userList,
  userPassword,
  tokenCreate,
  tokenList,
  tokenRevoke,
  configCheck,
  configShow,
  health,
  demo,
  version,
  helpVerb(() => verbs),
];
