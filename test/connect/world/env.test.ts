import { describe, expect, it } from "vitest";
import { envPerformer } from "../../../src/connect/world/env.ts";
import { act, messageOf, scope, valueOf } from "./support.ts";

const where = scope("read_env");
const read = (key: string) => ({ kind: "env.read", key }) as const;

describe("env.read", () => {
  it("gives the value, empty ones too, and null for an unset variable", async () => {
    const performer = envPerformer({ env: { A: "x", EMPTY: "" } });
    expect(valueOf(await act(performer, read("A"), where))).toEqual({ value: "x" });
    expect(valueOf(await act(performer, read("EMPTY"), where))).toEqual({ value: "" });
    expect(valueOf(await act(performer, read("NOPE"), where))).toEqual({ value: null });
  });

  it("does not find what every object has", async () => {
    const performer = envPerformer({ env: process.env });
    expect(valueOf(await act(performer, read("constructor"), where))).toEqual({ value: null });
    expect(valueOf(await act(performer, read("__proto__"), where))).toEqual({ value: null });
  });

  it("tells of each value that was read", async () => {
    const seen: string[] = [];
    const performer = envPerformer({ env: { A: "x" }, onRead: (key, value) => seen.push(`${key}=${value}`) });
    await act(performer, read("A"), where);
    await act(performer, read("B"), where);
    expect(seen).toEqual(["A=x"]);
  });

  it("refuses a value that is not UTF-8, but not one that really holds U+FFFD", async () => {
    const raw = Buffer.concat([Buffer.from("X=1\0BAD=a"), Buffer.from([0xff]), Buffer.from("\0GOOD=\ufffd\0")]);
    const performer = envPerformer({ env: { BAD: "a\ufffd", GOOD: "\ufffd" }, rawEnv: () => Promise.resolve(raw) });
    expect(messageOf(await act(performer, read("BAD"), where))).toBe(
      "tool `read_env` failed: env var `BAD` is not valid UTF-8",
    );
    expect(valueOf(await act(performer, read("GOOD"), where))).toEqual({ value: "\ufffd" });
  });
});
