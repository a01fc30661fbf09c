/** How two texts differ, for the claim that an edit on the canvas changes its own construct and nothing else. */

/** The one stretch in which two texts differ: offset, what was there, what is there. */
export function difference(
  before: string,
  after: string,
): { readonly at: number; readonly gone: string; readonly come: string } {
  let at = 0;
  while (at < before.length && at < after.length && before[at] === after[at]) at++;
  let end = 0;
  const most = Math.min(before.length, after.length) - at;
  while (end < most && before[before.length - 1 - end] === after[after.length - 1 - end]) end++;
  return { at, gone: before.slice(at, before.length - end), come: after.slice(at, after.length - end) };
}

/** Lines of one text that the other has not, in both directions, without counting moved ones twice. */
export function changedLines(before: string, after: string): { readonly gone: string[]; readonly come: string[] } {
  const left = before.split("\n");
  const come: string[] = [];
  for (const line of after.split("\n")) {
    const at = left.indexOf(line);
    if (at >= 0) left.splice(at, 1);
    else come.push(line);
  }
  return { gone: left, come };
}
