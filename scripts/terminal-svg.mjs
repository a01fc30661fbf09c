/**
 * Draws what a terminal has shown: node scripts/terminal-svg.mjs [FROM [TO]] < captured > media/tour.svg
 *
 * Reads text with ANSI escapes from standard input. FROM and TO are regular expressions; the lines from the first that
 * matches FROM up to, and without, the next that matches TO are drawn.
 */
import { buffer } from "node:stream/consumers";

const CHARACTER = 8.43;
const LINE = 19;
const MARGIN = 18;
const BAR = 34;
const colours = { 31: "#ff7b72", 32: "#7ee787", 33: "#e3b341", 34: "#79c0ff", 35: "#d2a8ff", 36: "#76d9e6" };

const [from, to] = process.argv.slice(2);
const lines = between(screenLines((await buffer(process.stdin)).toString("utf8")), from, to);
process.stdout.write(svg(lines.map(spans)));

/** Lines as they stand at the end: what was cleared or overwritten from the first column is gone. */
function screenLines(text) {
  return text
    .replaceAll("\r\n", "\n")
    .split("\n")
    .map((line) =>
      line
        .split(/\r?\u001b\[2K|\u001b\[1G\u001b\[0J/)
        .at(-1)
        .replaceAll(/\u001b\[\d*[A-HJKG]|\r/g, ""),
    );
}

function between(all, first, last) {
  const plain = all.map((line) => line.replaceAll(/\u001b\[[\d;]*m/g, ""));
  const start =
    first === undefined
      ? 0
      : Math.max(
          0,
          plain.findIndex((line) => new RegExp(first).test(line)),
        );
  const rest = last === undefined ? -1 : plain.findIndex((line, i) => i > start && new RegExp(last).test(line));
  const cut = all.slice(start, rest < 0 ? undefined : rest);
  while (cut.length > 0 && cut.at(-1).trim() === "") cut.pop();
  return cut;
}

/** A line in pieces of one style each. */
function spans(line) {
  const made = [];
  let style = { bold: false, dim: false, colour: null };
  for (const piece of line.split(/(\u001b\[[\d;]*m)/)) {
    const codes = /^\u001b\[([\d;]*)m$/.exec(piece)?.[1];
    if (codes === undefined) {
      if (piece !== "") made.push({ ...style, text: piece });
      continue;
    }
    for (const code of codes.split(";").map(Number)) style = next(style, code);
  }
  return made;
}

function next(style, code) {
  if (code === 0) return { bold: false, dim: false, colour: null };
  if (code === 1) return { ...style, bold: true };
  if (code === 2) return { ...style, dim: true };
  if (code === 22) return { ...style, bold: false, dim: false };
  if (code === 39) return { ...style, colour: null };
  return code in colours ? { ...style, colour: colours[code] } : style;
}

function svg(rows) {
  const columns = Math.max(60, ...rows.map((row) => row.reduce((width, span) => width + [...span.text].length, 0)));
  const width = Math.ceil(columns * CHARACTER + 2 * MARGIN);
  const height = BAR + rows.length * LINE + 2 * MARGIN - 6;
  const dots = ["#ff5f57", "#febc2e", "#28c840"]
    .map((fill, i) => `<circle cx="${MARGIN + 4 + i * 18}" cy="17" r="5.5" fill="${fill}"/>`)
    .join("");
  const text = rows.map((row, i) => rowText(row, BAR + MARGIN + 8 + i * LINE)).join("\n");
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<rect width="${width}" height="${height}" rx="8" fill="#0d1117"/>
<rect width="${width}" height="${height}" rx="8" fill="none" stroke="#30363d"/>
${dots}
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14" fill="#c9d1d9" xml:space="preserve">
${text}
</g>
</svg>
`;
}

/** Each piece has its own column, so that letters of another width do not move what follows. */
function rowText(row, y) {
  let column = 0;
  return row
    .map(({ text, bold, dim, colour }) => {
      const x = (MARGIN + column * CHARACTER).toFixed(1);
      column += [...text].length;
      if (text.trim() === "") return "";
      const look = `${colour === null ? "" : ` fill="${colour}"`}${bold ? ' font-weight="600"' : ""}${dim ? ' opacity="0.6"' : ""}`;
      const length = ([...text].length * CHARACTER).toFixed(1);
      return `<text x="${x}" y="${y}" textLength="${length}" lengthAdjust="spacingAndGlyphs"${look}>${escaped(text)}</text>`;
    })
    .join("");
}

function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll(" ", "\u00a0");
}
