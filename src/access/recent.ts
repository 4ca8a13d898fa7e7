/** Verified tokens cost 40 us once, then a look. */

export { openRecent, type Recent } from "../kernel/recent.ts";
