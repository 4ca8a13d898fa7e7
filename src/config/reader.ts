/**
 * What a setting may be: a reader gives its value, or throws what it must be. By hand, unlike every other edge: the settings are read
 * before anything else, and the first schemas of a process would take a tenth of the start.
 */

import { resolve } from "node:path";

export type Reader<T> = (given: unknown) => T;

export const folder: Reader<string> = (given) => (typeof given === "string" && given !== "" ? resolve(given) : refuse("a folder"));

export function text(what: string, fits: (given: string) => boolean): Reader<string> {
  return (given) => (typeof given === "string" && fits(given) ? given : refuse(what));
}

export function oneOf<const Word extends string>(first: Word, ...others: Word[]): Reader<Word> {
  const last = others.at(-1);
  const what = last === undefined ? first : `${[first, ...others.slice(0, -1)].join(", ")} or ${last}`;
  return (given) => [first, ...others].find((word) => word === given) ?? refuse(what);
}

export function whole(least: number, most: number): Reader<number> {
  return (given) => {
    const n = typeof given === "string" && /^\d+$/.test(given) ? Number(given) : given;
    return typeof n === "number" && Number.isInteger(n) && n >= least && n <= most ? n : refuse(`a whole number from ${least} to ${most}`);
  };
}

const YES = ["true", "yes", "on", "1"];
const NO = ["false", "no", "off", "0"];

export const yesNo: Reader<boolean> = (given) => {
  const word = typeof given === "string" || typeof given === "boolean" ? String(given).toLowerCase() : "";
  return YES.includes(word) || (NO.includes(word) ? false : refuse("true or false"));
};

export const webUrl: Reader<string> = (given) =>
  typeof given === "string" && /^https?:\/\/\S+$/.test(given) && URL.canParse(given)
    ? given.replace(/\/+$/, "")
    : refuse("a URL, like https://signalbox.example.com");

/** A list, or one text with commas. */
export const addresses: Reader<string[]> = (given) => {
  const what = "addresses, like 127.0.0.1, 10.0.0.2";
  const list: unknown[] = Array.isArray(given) ? given : typeof given === "string" ? given.split(",") : refuse(what);
  return list
    .map((each) => (typeof each === "string" ? each.trim() : refuse(what)))
    .filter((address) => address !== "")
    .map((address) => (isAddress(address) ? address : refuse(what)));
};

export function orNull<T>(read: Reader<T>): Reader<T | null> {
  return (given) => (given === null ? null : read(given));
}

// Not node:net's isIP: that module alone takes a twentieth of a start.
function isAddress(given: string): boolean {
  const parts = given.split(".");
  const isFour = parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
  return isFour || (/^[0-9a-fA-F:.]+$/.test(given) && given.includes(":") && URL.canParse(`http://[${given}]`));
}

function refuse(what: string): never {
  throw new Error(`must be ${what}`);
}
