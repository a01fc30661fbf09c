/** Numbers as the table shows them. */
import type { Spread } from "./measure.ts";

/** Three significant digits. */
export function short(value: number): string {
  return value >= 100 ? String(Math.round(value)) : value.toPrecision(3);
}

/** `12.3 µs (11.9–13.0)`: the median and the middle half. */
export function micros({ median, low, high }: Spread): string {
  return `${short(median)} µs (${short(low)}–${short(high)})`;
}

/** `12.3×`. */
export function times(value: number): string {
  return `${short(value)}×`;
}

/** Mebibytes of bytes. */
export function mebibytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
