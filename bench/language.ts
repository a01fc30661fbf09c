/**
 * The language server over a real connection, beside yaml-language-server: diagnostics after a key, completion, rename
 * and hover in documents of 1,000 nodes; every request, memory and steady typing in documents of 10,000.
 */
import { mebibytes, short, times } from "./format.ts";
import { Field } from "./language/contestants.ts";
import { places, type Typed } from "./language/places.ts";
import { requests, unanswered } from "./language/requests.ts";
import { asked, completion, keystrokes, percentile, typing, type Seat } from "./language/rounds.ts";
import { clock, type Server } from "./language/server.ts";
import type { Row, Suite } from "./suite.ts";

const SMALL = 1000;
const LARGE = 10_000;
/** Places of the small documents where keys are typed, after the first ones, which only warm up. */
const PLACES = 40;
const WARM_UPS = 8;
/** The peer waits so long after a key before it validates (`yamlSettings.js`); it cannot be told not to. */
const PEER_DELAY = 200;
const KEYS_PER_SECOND = 20;
const SECONDS = 8;
/** Promises, in milliseconds and bytes. */
const promised = { key: 16, completion: 10, rename: 50, request: 250, memory: 300e6, timesFaster: 10 } as const;

export const language: Suite = {
  name: "language",
  about: "the language server with 1,000 and 10,000 nodes, beside yaml-language-server",
  contestants: {},
  async run(note) {
    const field = await Field.make();
    try {
      const rows = await small(field, note);
      for (const document of [field.toml(LARGE), field.yaml(LARGE)]) rows.push(...(await large(field, document, note)));
      return rows;
    } finally {
      await field.remove();
    }
  },
};

type Note = (text: string) => void;
type Name = "toml" | "yaml" | "peer";

const titles: Readonly<Record<string, string>> = { toml: "workflow TOML", yaml: "skill graph YAML" };

async function seated(server: Server, document: Typed, exact: boolean): Promise<Seat> {
  await server.open(document.uri, document.languageId, document.text);
  return { server, document, exact, delay: exact ? 0 : PEER_DELAY };
}

/** Times of all three contestants, who take turns. */
async function turns(
  seats: Readonly<Record<Name, Seat>>,
  patterns: (document: Typed) => readonly RegExp[],
  one: (seat: Seat, turn: { readonly at: { line: number; character: number } }) => Promise<readonly number[]>,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(seats) as Name[];
  const found = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  const where = names.map((name) => places(seats[name].document.text, patterns(seats[name].document), PLACES));
  for (let turn = -WARM_UPS; turn < PLACES; turn++) {
    for (const [i, name] of names.entries()) {
      const at = where[i]?.[(turn + PLACES) % PLACES];
      if (at === undefined) continue;
      const took = await one(seats[name], { at });
      if (turn >= 0) found[name].push(...took);
    }
  }
  return found;
}

async function small(field: Field, note: Note): Promise<Row[]> {
  const servers = [await field.ours(), await field.ours(), await field.peer()] as const;
  try {
    const seats = {
      toml: await seated(servers[0], field.toml(SMALL), true),
      yaml: await seated(servers[1], field.yaml(SMALL), true),
      peer: await seated(servers[2], field.yaml(SMALL), false),
    };
    const keys = await turns(
      seats,
      ({ keys }) => keys,
      (seat, { at }) => keystrokes(seat, at),
    );
    const lists = await turns(
      seats,
      ({ reference, kind }) => [reference, kind],
      async (seat, { at }) => [await completion(seat, at)],
    );
    const hovers = await turns(
      seats,
      ({ reference }) => [reference],
      async (seat, { at }) => [await asked(seat, "textDocument/hover", at)],
    );
    const rows = [
      ...compared("a key in", keys, promised.key),
      ...compared("a letter and completion at once in", lists, promised.completion),
      ...compared("hover in", hovers, null),
    ];
    for (const name of ["toml", "yaml"] as const) {
      if (seats[name].server.can.renameProvider === undefined) continue;
      const took: number[] = [];
      for (const at of places(seats[name].document.text, [seats[name].document.name], PLACES))
        took.push(await asked(seats[name], "textDocument/rename", at, { newName: "another" }));
      rows.push(alone(`rename of a node in ${SMALL} nodes of ${titles[name]}`, took, promised.rename));
    }
    note(
      `language: the peer waits ${PEER_DELAY} ms after a key before it validates, which it cannot be told not to do; ` +
        `these are taken off its times. It validates against a JSON Schema of the same steps.`,
    );
    return rows;
  } finally {
    for (const server of servers) await server.stop();
  }
}

/** Ours and the peer's times of one thing. */
function compared(what: string, found: Readonly<Record<Name, readonly number[]>>, most: number | null): Row[] {
  return (["toml", "yaml"] as const).map((name) => {
    const [mine, theirs] = [found[name], found.peer];
    const ratio = percentile(theirs, 0.5) / percentile(mine, 0.5);
    const fast = most === null || percentile(mine, 0.95) <= most;
    return {
      what: `${what} ${SMALL} nodes of ${titles[name]}`,
      ours: millis(mine),
      peer: `yaml-language-server: ${millis(theirs)}`,
      ratio: `${times(ratio)} faster`,
      target: most === null ? null : `p95 at most ${most} ms, ${promised.timesFaster}× faster`,
      met: most === null ? null : fast && ratio >= promised.timesFaster,
    };
  });
}

function alone(what: string, took: readonly number[], most: number): Row {
  return {
    what,
    ours: millis(took),
    peer: null,
    ratio: null,
    target: `p95 at most ${most} ms`,
    met: percentile(took, 0.95) <= most,
  };
}

function millis(took: readonly number[]): string {
  return `${short(percentile(took, 0.5))} ms, p95 ${short(percentile(took, 0.95))} ms`;
}

/** Every request, typing and memory in one large document. */
async function large(field: Field, document: Typed, note: Note): Promise<Row[]> {
  const server = await field.ours();
  try {
    const opened = clock();
    const seat = await seated(server, document, true);
    const opening = clock() - opened;
    const title = `${LARGE} nodes of ${titles[document.languageId] ?? ""}`;
    const keys: number[] = [];
    for (const at of places(document.text, document.keys, 24)) keys.push(...(await keystrokes(seat, at)));
    const slowest = await everyRequest(seat);
    const [at] = places(document.text, [document.keys[0] ?? /$/], 1);
    const steady = at === undefined ? null : await typing(seat, at, KEYS_PER_SECOND, SECONDS);
    const memory = await server.memory();
    note(
      `language: ${title}: opened in ${short(opening)} ms; a key takes ${millis(keys)}; slowest requests: ` +
        `${slowest
          .slice(0, 4)
          .map(({ method, took }) => `${method.replace("textDocument/", "")} ${short(took)} ms`)
          .join(", ")}.`,
    );
    const silent = unanswered(server.can);
    if (silent.length > 0) note(`language: not answered, so not measured: ${silent.join(", ")}.`);
    const most = slowest[0]?.took ?? Number.NaN;
    const rows: Row[] = [
      {
        what: `slowest of all requests in ${title}, a letter before each`,
        ours: `${short(most)} ms (${slowest[0]?.method ?? ""})`,
        peer: null,
        ratio: null,
        target: `at most ${promised.request} ms`,
        met: most <= promised.request,
      },
    ];
    if (steady !== null) {
      const longest = Math.max(...steady.delays);
      rows.push({
        what: `${KEYS_PER_SECOND} keys a second for ${SECONDS} s in ${title}`,
        ours: `at most ${short(longest)} ms from a key to diagnostics; at most ${steady.mostWaiting} keys wait, ${steady.waitingAtEnd} at the end`,
        peer: null,
        ratio: null,
        target: `never queues: at most ${promised.request} ms`,
        met: longest <= promised.request,
      });
    }
    rows.push({
      what: `resident memory after all that, ${title}`,
      ours: memory === null ? "not known here" : `${mebibytes(memory.now)}, at most ${mebibytes(memory.peak)}`,
      peer: null,
      ratio: null,
      target: `under ${promised.memory / 1e6} MB`,
      met: memory === null ? null : memory.peak < promised.memory,
    });
    return rows;
  } finally {
    await server.stop();
  }
}

/** The longest that each request took: right after a letter, and once more on the same text; slowest first. */
async function everyRequest(seat: Seat): Promise<{ readonly method: string; readonly took: number }[]> {
  const { server, document } = seat;
  const slowest = new Map<string, number>();
  const [name, reference] = places(document.text, [document.name, document.reference], 2);
  const [key] = places(document.text, [document.keys[0] ?? /$/], 1);
  if (name === undefined || reference === undefined || key === undefined) return [];
  for (let round = 0; round < 2; round++) {
    for (const { method, params } of requests(server.can, { uri: document.uri, name, reference })) {
      const cursor = { line: key.line, character: key.character };
      server.change(document.uri, { range: { start: cursor, end: cursor }, text: "x" });
      for (let turn = 0; turn < 2; turn++) {
        const start = clock();
        await server.request(method, params);
        if (round > 0) slowest.set(method, Math.max(slowest.get(method) ?? 0, clock() - start));
        await server.request("countersign/settled", { textDocument: { uri: document.uri } });
      }
      const after = { line: cursor.line, character: cursor.character + 1 };
      server.change(document.uri, { range: { start: cursor, end: after }, text: "" });
      await server.request("countersign/settled", { textDocument: { uri: document.uri } });
    }
  }
  return [...slowest].map(([method, took]) => ({ method, took })).sort((a, b) => b.took - a.took);
}
