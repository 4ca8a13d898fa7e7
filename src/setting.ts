/** The settings by name, and how each is called in the file, in the environment and as a flag. What they may be says config.ts. */

export const SETTINGS = [
  "node",
  "dataDir",
  "runtimeDir",
  "screenDir",
  "watchAllScreens",
  "listen",
  "publicUrl",
  "trustedProxies",
  "controlSocket",
  "logLevel",
  "logFormat",
  "timeZone",
  "leaseMs",
  "outputMaxBytes",
  "outputKeepRuns",
  "metricsFromLoopback",
] as const;

export type Setting = (typeof SETTINGS)[number];

export const DEFAULT_FILE = "/etc/signalbox/signalbox.toml";

export const fileKey = (setting: string): string => setting.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
export const flagOf = (setting: string): string => fileKey(setting).replaceAll("_", "-");
export const variableOf = (setting: string): string => `SIGNALBOX_${fileKey(setting).toUpperCase()}`;
