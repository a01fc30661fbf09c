/** Numbers as TOML and YAML write them -> JSON. Pure. */

/** `0xFF`, `0o17`, `0b1`; a sign may stand before it. */
const based = /^([+-]?)(0[xob][0-9a-f]+)$/i;
const decimal = /^([+-]?)([0-9]*)(?:\.([0-9]*))?(?:e([+-]?[0-9]+))?$/i;

/**
 * The same number as JSON has it: `0xFF` is `255`, `+1_000` is `1000`, `.5` is `0.5`. A float stays one. Infinities and
 * what is no number have no such form and are given as they are written.
 */
export function numberText(written: string): string {
  const text = written.replaceAll("_", "");
  const [, sign = "", digits] = based.exec(text) ?? [];
  if (digits !== undefined) return `${sign === "-" ? "-" : ""}${BigInt(digits.toLowerCase())}`;
  const parts = decimal.exec(text);
  const [, minus = "", whole = "", fraction, exponent] = parts ?? [];
  if (parts === null || (whole === "" && (fraction ?? "") === "")) return written;
  const integer = whole.replace(/^0+(?=[0-9])/, "") || "0";
  const behind = fraction === undefined ? "" : `.${fraction === "" ? "0" : fraction}`;
  return `${minus === "-" ? "-" : ""}${integer}${behind}${exponent === undefined ? "" : `e${exponent}`}`;
}
