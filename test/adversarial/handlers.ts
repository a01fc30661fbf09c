/** Kinds for hostile tests: small handlers that do one thing. */
import { ask, attempt, frames, perform, wait, type Handler, type Request } from "../../src/effects/handler.ts";
import { NodeFailure } from "../../src/graph/failure.ts";
import { isArray, type Value } from "../../src/graph/value.ts";

export const pass: Handler = function* (context) {
  yield* [];
  return { outcome: "continue", output: context.node.id };
};

export const read: Handler = function* (context) {
  const value = yield* perform({ kind: "fs.read", path: `/${context.node.id}` });
  return { outcome: "continue", output: value ?? null };
};

export const post: Handler = function* (context) {
  const value = yield* perform({
    kind: "http.request",
    method: "POST",
    url: `http://127.0.0.1/${context.activation.frame}${context.node.id}`,
    headers: [],
    body: null,
    timeoutMs: 1,
    maxReplyBytes: 1,
  });
  return { outcome: "continue", output: value ?? null };
};

/** Walks the children that its field names, all at once or in waves. */
export const child: Handler = function* (context) {
  const names = context.node.fields["children"] as string[];
  const list = names.map((name) => {
    const pinned = context.child(name);
    if (!pinned.ok) throw new NodeFailure({ class: "workflow", message: pinned.message });
    return { document: pinned.key, start: null, input: context.input };
  });
  const results = yield* frames(list, (context.node.fields["wave"] as number | undefined) ?? list.length);
  const value = results.map((one): Value => {
    if (one.status === "completed") return one.value;
    return one.status === "error" ? one.failure.class : one.status;
  });
  return { outcome: "continue", output: value };
};

/** One child for each item of the payload. */
export const each: Handler = function* (context) {
  const pinned = context.child(context.node.fields["child"] as string);
  if (!pinned.ok || !isArray(context.input)) throw new NodeFailure({ class: "workflow", message: "nothing to map" });
  const list = context.input.map((input) => ({ document: pinned.key, start: null, input }));
  const results = yield* frames(list, context.node.fields["wave"] as number);
  const good = results.filter((one) => one.status === "completed").length;
  return { outcome: "continue", output: BigInt(good) };
};

export const echo: Handler = function* (context) {
  yield* [];
  return { outcome: "continue", output: context.input };
};

export const pause: Handler = function* () {
  const answer = yield* ask({ subject: "pause", id: null, reason: "look first", summary: null });
  return { outcome: "continue", output: answer.approved, ...(answer.approved ? {} : { label: "denied" }) };
};

export const waits: Handler = function* () {
  yield* wait(60_000, 0);
  return { outcome: "continue", output: "waited" };
};

/** Asks for one read after the other and never ends. */
export const endless: Handler = function* () {
  for (;;) yield* attempt({ kind: "fs.read", path: "/again" });
};

/** Reads so many times and gives the count. */
export const many: Handler = function* (context) {
  const count = context.node.fields["count"] as number;
  for (let i = 0; i < count; i++) yield* attempt({ kind: "fs.read", path: `/${i}` });
  return { outcome: "continue", output: BigInt(count) };
};

/** A defect: throws what no handler may throw. */
export const broken: Handler = function* () {
  yield* [];
  throw new TypeError("a defect");
};

/** A defect behind an effect. */
export const brokenLater: Handler = function* () {
  yield* perform({ kind: "fs.read", path: "/x" });
  throw new RangeError("a later defect");
};

/** Yields what its field holds, whatever that is. */
export const garbage: Handler = function* (context) {
  const response = yield context.node.fields["what"] as Request;
  if (response.type === "effect" && response.reply.type === "failed") throw new NodeFailure(response.reply.failure);
  return { outcome: "continue", output: null };
};

export const handlers = {
  pass,
  read,
  post,
  child,
  each,
  echo,
  pause,
  waits,
  endless,
  many,
  broken,
  brokenLater,
  garbage,
};
