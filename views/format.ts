/** Numbers and times as people read them: tabular, with a unit, short. Pure. */

export function count(n: number): string {
  // Intl takes microseconds a number, and a table has thousands of them.
  return n < 1000 && Number.isInteger(n) && n >= 0 ? String(n) : n.toLocaleString("en-US");
}

/** `0.914` -> `91.4`; whole from 99.95 on, so that 100 means all. */
export function percent(ratio: number, digits = 0): string {
  return (ratio * 100).toFixed(digits);
}

/** `90.4–92.3` */
export function interval(lower: number, upper: number): string {
  return `${percent(lower, 1)}–${percent(upper, 1)}`;
}

/** Seconds with one digit below ten: `6.2`, `31`. */
export function seconds(ms: number): string {
  const value = ms / 1000;
  return value < 10 ? value.toFixed(1) : Math.round(value).toString();
}

/** `4 s`, `12 min`, `3 h 05`, `2 d 4 h`. app.js holds the same ladder for times that pass while one looks. */
export function duration(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000));
  if (s < 60) return `${s} s`;
  const min = Math.floor(s / 60);
  if (min < 60) return `${min} min`;
  const h = Math.floor(min / 60);
  if (h < 24) return `${h} h ${String(min % 60).padStart(2, "0")}`;
  return `${Math.floor(h / 24)} d ${h % 24} h`;
}

/** `48 kB`, `6.2 MB`, `1.4 GB`. */
export function mebibytes(bytes: number): string {
  const value = bytes / 1_048_576;
  if (value < 0.1) return bytes === 0 ? "0 MB" : `${Math.ceil(bytes / 1024)} kB`;
  return value < 1024 ? `${value.toFixed(value < 10 ? 1 : 0)} MB` : `${(value / 1024).toFixed(1)} GB`;
}

/** `2026-01-05 12:00:03 UTC`: what stands on hover until the browser puts it into its own time zone. */
export function exact(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** `01-05 12:00`, UTC: beside an age, in a list. */
export function dayAndTime(ms: number): string {
  return new Date(ms).toISOString().slice(5, 16).replace("T", " ");
}

/** `12:00:03` */
export function clockTime(ms: number): string {
  return new Date(ms).toISOString().slice(11, 19);
}

export function plural(n: number, one: string, many: string): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}
