/** Times as people read them: the clock on the wall where they sit, and how long ago. Pure but for the time zone. */

/** `2026-01-31 14:05:09` in local time. `at` is milliseconds since 1970. */
export function localTime(at: number): string {
  const time = new Date(at);
  const two = (n: number): string => String(n).padStart(2, "0");
  const day = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${day} ${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}

/** The time of day for what was today, with the date for anything else; both local. True whenever it is read. */
export function clockTime(at: number, now: number): string {
  const [day = "", time = ""] = localTime(at).split(" ");
  return localTime(now).startsWith(day) ? time : `${day} ${time.slice(0, 5)}`;
}

const units: readonly (readonly [ms: number, name: string])[] = [
  [86_400_000, "d"],
  [3_600_000, "h"],
  [60_000, "min"],
  [1000, "s"],
];

/** `3 min ago`, `just now`, `in 2 h` for a clock that is behind. */
export function relativeTime(at: number, now: number): string {
  const away = Math.abs(now - at);
  const unit = units.find(([ms]) => away >= ms);
  if (unit === undefined) return "just now";
  const text = `${Math.floor(away / unit[0])} ${unit[1]}`;
  return at <= now ? `${text} ago` : `in ${text}`;
}

/** A time that something took: `12 ms`, `1.2 s`, `2 min 5 s`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}
