/**
 * A module with the interface of OPA's compiled policies (ABI 1.2), written by hand: it looks at the last letter of
 * `input.tool` and answers true (`d`), false (`e`), undefined (`l`), with a loop that never ends (`t`) or a trap (`n`).
 */
const I32 = 0x7f;

function leb(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ;) {
    const byte = rest & 0x7f;
    rest >>= 7;
    const done = (rest === 0 && (byte & 0x40) === 0) || (rest === -1 && (byte & 0x40) !== 0);
    bytes.push(done ? byte : byte | 0x80);
    if (done) return bytes;
  }
}

function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >> 7)];
}

const text = (value: string): number[] => [...new TextEncoder().encode(value)];
const named = (value: string): number[] => [...unsigned(text(value).length), ...text(value)];
const vector = (items: readonly number[][]): number[] => [...unsigned(items.length), ...items.flat()];
const section = (id: number, body: readonly number[]): number[] => [id, ...unsigned(body.length), ...body];
const constant = (value: number): number[] => [0x41, ...leb(value)];

/** Imports that the SDK gives; `extra` adds one that it does not. */
export function wasmPolicy(extra: { readonly module: string; readonly name: string } | null = null): Uint8Array {
  const types = vector([
    [0x60, ...vector(Array.from({ length: 7 }, () => [I32])), 1, I32],
    [0x60, 0, 1, I32],
    [0x60, 1, I32, 1, I32],
    [0x60, 2, I32, I32, 1, I32],
    [0x60, 1, I32, 0],
  ]);
  const imports = [[...named("env"), ...named("memory"), 0x02, 0x00, 2]];
  if (extra !== null) imports.push([...named(extra.module), ...named(extra.name), 0x00, 1]);
  const shift = extra === null ? 0 : 1;
  const functions: readonly { readonly name: string; readonly type: number; readonly code: readonly number[] }[] = [
    { name: "builtins", type: 1, code: constant(1000) },
    { name: "entrypoints", type: 1, code: constant(1100) },
    { name: "opa_json_dump", type: 2, code: [0x20, 0] },
    { name: "opa_json_parse", type: 3, code: [0x20, 0] },
    { name: "opa_malloc", type: 2, code: constant(40_000) },
    { name: "opa_heap_ptr_get", type: 1, code: constant(50_000) },
    { name: "opa_heap_ptr_set", type: 4, code: [] },
    { name: "opa_eval", type: 0, code: evaluation },
  ];
  const bodies = functions.map(({ name, code }) => {
    const body = [...(name === "opa_eval" ? [1, 1, I32] : [0]), ...code, 0x0b];
    return [...unsigned(body.length), ...body];
  });
  const data = (at: number, value: string): number[] => [0x00, ...constant(at), 0x0b, ...named(`${value}\0`)];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, types),
    ...section(2, vector(imports)),
    ...section(3, vector(functions.map(({ type }) => [type]))),
    ...section(6, vector([1, 2].map((value) => [I32, 0, ...constant(value), 0x0b]))),
    ...section(
      7,
      vector([
        ...functions.map(({ name }, i) => [...named(name), 0x00, i + shift]),
        [...named("opa_wasm_abi_version"), 0x03, 0],
        [...named("opa_wasm_abi_minor_version"), 0x03, 1],
      ]),
    ),
    ...section(10, vector(bodies)),
    ...section(
      11,
      vector([
        data(1000, "{}"),
        data(1100, '{"agent/allow":0}'),
        data(1200, '[{"result":true}]'),
        data(1300, '[{"result":false}]'),
        data(1400, "[]"),
      ]),
    ),
  ]);
}

/** `if (letter === wanted) { then }`. */
function when(letter: string, then: readonly number[]): number[] {
  return [0x20, 7, ...constant(letter.charCodeAt(0)), 0x46, 0x04, 0x40, ...then, 0x0b];
}

/** The letter stands before the last two characters of the input's text. */
const evaluation: readonly number[] = [
  ...[0x20, 3, 0x20, 4, 0x6a, ...constant(3), 0x6b, 0x2d, 0, 0, 0x21, 7],
  ...when("d", [...constant(1200), 0x0f]),
  ...when("e", [...constant(1300), 0x0f]),
  ...when("t", [0x03, 0x40, 0x0c, 0, 0x0b]),
  ...when("n", [0x00]),
  ...constant(1400),
];
