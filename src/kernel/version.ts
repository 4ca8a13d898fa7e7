/** Which Signalbox this is; scripts/build writes the version and the commit into the binary. */

declare const SIGNALBOX_BUILD_VERSION: string | undefined;
declare const SIGNALBOX_BUILD_COMMIT: string | undefined;

export const VERSION = typeof SIGNALBOX_BUILD_VERSION === "undefined" ? "0.0.0-source" : SIGNALBOX_BUILD_VERSION;
export const COMMIT = typeof SIGNALBOX_BUILD_COMMIT === "undefined" ? "unknown" : SIGNALBOX_BUILD_COMMIT;
