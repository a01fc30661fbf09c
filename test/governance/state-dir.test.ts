/** "Staging and prod perform no mutating effect without a state directory" (spec/runtime.md §3). */
import { describe, expect, it } from "vitest";
import type { PreparedEffect } from "../../src/effects/effect.ts";
import type { EnvironmentName } from "../../src/graph/posture.ts";
import { decide, prepared, scope, server } from "./support.ts";

const mutating: readonly PreparedEffect[] = [
  prepared.write("/a"),
  prepared.mkdir("/a"),
  prepared.http("http://h.example/", {}, "POST"),
  prepared.run("/bin/x"),
  prepared.tool("t", server("s", ["*"])),
];
const harmless: readonly PreparedEffect[] = [prepared.read("/a"), prepared.env("A"), prepared.model("m")];

const ask = async (effect: PreparedEffect, environment: EnvironmentName, kept: boolean, dryRun = false) =>
  decide(
    effect,
    [scope(null)],
    { posture: { environment, sideEffects: "allow_all", replay: "execute" }, kept },
    { dryRun },
  );

describe("without a state directory", () => {
  it.each(["staging", "prod"] as const)(
    "%s allows nothing that changes anything, whatever the policy says",
    async (name) => {
      for (const effect of mutating) {
        expect(await ask(effect, name, false)).toMatchObject({ decision: "Deny", code: "state_dir" });
        expect((await ask(effect, name, true)).decision).toBe("Allow");
        expect((await ask(effect, name, false, true)).decision).toBe("DryRunOnly");
      }
      for (const effect of harmless) expect((await ask(effect, name, false)).decision).toBe("Allow");
    },
  );

  it("dev allows what it allows anyway", async () => {
    for (const effect of mutating) expect((await ask(effect, "dev", false)).decision).toBe("Allow");
  });
});
