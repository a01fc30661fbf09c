/** Times as people read them: the clock on the wall where they sit, and how long ago. Pure but for the time zone. */

/** `2026-01-31 14:05:09` in local time. `at` is milliseconds since 1970. */
export function localTime(at: number): string {
  const time = new Date(at);
  const two = (n: number): string => String(n).padStart(2, "0");
  const day = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${day} ${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
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
