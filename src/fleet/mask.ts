/** Takes phone numbers and one-time codes out of a line, and what would move a terminal's cursor. Whatever leaves an output file passes here. */

/** ESC sequences (CSI, OSC and friends, single ones), then every other control character but the tab. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are its very subject
const SEQUENCES = /\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\|$)|\x1b[ -/]*[0-~]?/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are its very subject
const CONTROLS = /[\x00-\x08\x0a-\x1f\x7f-\x9f]/g;

export function stripControls(line: string): string {
  // A carriage return starts the line over; what a terminal would show last is what counts.
  const shown = line.replace(/\r+$/, "");
  return shown
    .slice(shown.lastIndexOf("\r") + 1)
    .replace(SEQUENCES, "")
    .replace(CONTROLS, "");
}

// +998 90 123-45-67 and +998901234567: at least 7 digits behind the plus, 4 or fewer separators in a row never.
const INTERNATIONAL = /\+\d(?:[ ().-]{0,2}\d){6,}/g;
// Also inside a longer word: better an id too many than a number too few.
const LONG_NUMBER = /\d{8,}/g;
// Not "error code 30008" or "exit code 1234": those name a failure, not a secret.
const CODE_AFTER_WORD =
  /(?<!(?:error|exit|status|result|response|http|return|failure|country|reason)[ _-]?)(?<![a-z])((?:pass)?code|otp|pin|password)(?![a-z])([^\d\n]{0,16}?)(?<!\d)\d{4,8}(?!\d)/gi;
const CODE_BEFORE_WORD = /(?<!\d)\d{4,8}(?!\d)(?=\s+is\s+(?:your|the|my)\b[^\n]{0,30}\b(?:code|otp|pin|password)\b)/gi;

export function maskLine(line: string): string {
  return line
    .replace(CODE_AFTER_WORD, (_, word: string, between: string) => `${word}${between}••••`)
    .replace(CODE_BEFORE_WORD, "••••")
    .replace(INTERNATIONAL, (number) => `+${maskDigits(number.replace(/\D/g, ""))}`)
    .replace(LONG_NUMBER, maskDigits);
}

/** The first five digits (country and operator) and the last two; fewer of a short number, which would else be all of it. */
function maskDigits(digits: string): string {
  return `${digits.slice(0, digits.length < 10 ? 3 : 5)}••••${digits.slice(-2)}`;
}

/** A line as it may be shown. */
export function presentable(line: string): string {
  return maskLine(stripControls(line));
}
