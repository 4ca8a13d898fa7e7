/**
 * Every text of the pages, a file for each page, so that another language is another folder of this shape. Words of lamps: src/fleet/states.ts.
 */

import { board } from "./texts/board.ts";
import { country } from "./texts/country.ts";
import { crash } from "./texts/crash.ts";
import { errors } from "./texts/errors.ts";
import { everywhere } from "./texts/everywhere.ts";
import { gateways } from "./texts/gateways.ts";
import { history } from "./texts/history.ts";
import { hold } from "./texts/hold.ts";
import { message } from "./texts/message.ts";
import { numbers } from "./texts/numbers.ts";
import { operation } from "./texts/operation.ts";
import { output } from "./texts/output.ts";
import { pair } from "./texts/pair.ts";
import { patterns } from "./texts/patterns.ts";
import { permit } from "./texts/permit.ts";
import { program } from "./texts/program.ts";
import { proof } from "./texts/proof.ts";
import { reference } from "./texts/reference.ts";
import { session } from "./texts/session.ts";
import { settings } from "./texts/settings.ts";
import { stranger } from "./texts/stranger.ts";

export const texts = {
  ...everywhere,
  reference,
  board,
  history,
  settings,
  numbers,
  session,
  output,
  operation,
  country,
  errors,
  message,
  crash,
  pair,
  gateways,
  patterns,
  program,
  stranger,
  permit,
  proof,
  hold,
} as const;
