import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { Shop, spec } from "./commands.ts";

const good = spec(["identity"], ["exec:/usr/bin/wc|-c", 0], ["http_post:https://a.example/x", 0, 1]);

/** What a change to the good spec is refused with: the change, and the line, column and code. */
const faults: readonly (readonly [RegExp | string, string, string])[] = [
  ["v=1", "v=2", "1:3 error kv_version"],
  ["model=single_ring", "model=ring", "2:7 error kv_model"],
  ["name=p\n", "", "3:1 error kv_missing_key"],
  ["name=p", "nmae=p", "3:1 error kv_unknown_key"],
  ["name=p\n", "name=p\nname=p\n", "4:1 error kv_duplicate_key"],
  ["name=p\n", "# p\nname=p\n", "3:1 error kv_comment"],
  ["name=p\n", "\nname=p\n", "3:1 error kv_blank_line"],
  ["name=p\n", "name=p\r\n", "3:7 error kv_cr"],
  ["name=p", "name= p", "3:6 error kv_value"],
  ["name=p", "name=p ", "3:7 error kv_value"],
  ["name=p", "name=", "3:6 error pipeline_name"],
  ["name=p", "Name=p", "3:1 error kv_key"],
  ["name=p", "name", "3:1 error kv_no_equals"],
  ["v=1", "\ufeffv=1", "1:1 error kv_bom"],
  [/v=1\n(model=.*\n)/, "$1v=1\n", "2:1 error kv_order"],
  ["shards=1", "shards=01", "4:20 error kv_integer"],
  ["shards=1", "shards=2", "4:20 error pipeline_shards"],
  ["ordering=strict", "ordering=total", "5:22 error pipeline_ordering"],
  ["producer=single", "producer=multi", "6:22 error pipeline_producer"],
  ["scheduling=dedicated", "scheduling=shared", "7:24 error pipeline_scheduling"],
  ["stage=identity", "stage=wat", "9:28 error stage_key_family"],
  ["https://a.example/x", "ftp://a.example/x", "16:38 error stage_key_url"],
  ["https://a.example/x", "https://a.example/x#y", "error stage_key_url"],
  ["https://a.example/x", "https://u@a.example/x", "error stage_key_url"],
  ["https://a.example/x", "https://a.example/ x", "error stage_key_url"],
  ["|-c", "|-c|\u0007", "12:"],
  ["stages.1.depends_on.0=0", "stages.1.depends_on.0=1", "14:35 error pipeline_depends_on"],
  ["stages.2.depends_on.1=1", "stages.2.depends_on.1=0", "19:35 error pipeline_depends_on"],
  ["single_ring.stages.2.depends_on.1=1\n", "", "17:39 error kv_gap"],
  [/single_ring.stages.1.depends_on.*\n/g, "", "11:1 error pipeline_depends_on_missing"],
  ["stages.0.id", "stages.00.id", "8:20 error kv_index"],
  [/stages\.2/g, "stages.3", "error kv_gap"],
  ["stages.1.id=s1", "stages.1.id=s0", "11:25 error dup_node_id"],
  [/\n$/, "", "error kv_final_newline"],
];

describe("spec.kv", () => {
  it("is valid, canonical, and described with its digest and its exact stage keys", async () => {
    const shop = await Shop.with({ "spec.kv": good });
    expect((await shop.run(["validate", "spec.kv"])).out).toBe("p: valid, 3 nodes\n");
    expect((await shop.run(["fmt", "--check", "spec.kv"])).exit).toBe(0);
    const hash = `sha256:${createHash("sha256").update(good).digest("hex")}`;
    const { out } = await shop.run(["describe", "spec.kv"]);
    expect(out).toContain(`spec_hash ${hash}\n`);
    expect(out).toContain("exec:/usr/bin/wc|-c\n");
    expect(out).toContain("http_post:https://a.example/x\n");
    expect(out).toContain("Effects (2) in prod, side effects require_approval");
    expect((await shop.run(["describe", "spec.kv", "--json"])).outcome["spec_hash"]).toBe(hash);
  });

  it.each(faults)("%s → %j is refused at %s", async (from, to, expected) => {
    const text = good.replace(from, to);
    expect(text).not.toBe(good);
    const shop = await Shop.with({ "spec.kv": text });
    const checked = await shop.run(["validate", "spec.kv"]);
    expect([2, 5]).toContain(checked.exit);
    const place = /^\d+:/.test(expected) ? `spec.kv:${expected}` : expected;
    expect(checked.out).toContain(place);
    const ran = await shop.run(["run", "spec.kv", "--input-ascii", "x"]);
    expect([ran.exit, ran.outcome["final_value"]]).toEqual([checked.exit, undefined]);
  });

  it("names the file where the pipeline has no name", async () => {
    const shop = await Shop.with({ "spec.kv": good.replace("name=p", "name=") });
    expect((await shop.run(["validate", "spec.kv"])).out).toMatch(/^spec\.kv: invalid, 3 nodes, 1 error$/m);
  });

  it("is put in order by fmt, which --check asks for with exit code 1", async () => {
    const shuffled = good.split("\n").slice(0, -1).reverse().join("\r\n");
    const shop = await Shop.with({ "spec.kv": shuffled });
    const asked = await shop.run(["fmt", "--check", "spec.kv"]);
    expect([asked.exit, asked.out]).toEqual([1, "spec.kv\n"]);
    expect(shop.read("spec.kv").toString()).toBe(shuffled);
    expect((await shop.run(["fmt", "spec.kv"])).exit).toBe(0);
    expect(shop.read("spec.kv").toString()).toBe(good);
  });

  it("warns beyond the four stages of the profile, and at the key of a stage that a list denies", async () => {
    const many = spec(
      ["identity"],
      ["identity", 0],
      ["identity", 1],
      ["identity", 2],
      ["http_post:https://a.example/x", 3],
    );
    const shop = await Shop.with({
      "spec.kv": many,
      "graph.yaml": 'name: g\nsteps:\n  - {id: one, run: {type: stage, key: "http_post:https://a.example/g"}}\n',
      "countersign.toml": '[allow.http]\nurls = ["https://b.example/**"]\n',
    });
    const checked = await shop.run(["validate", "spec.kv", "graph.yaml"]);
    expect(checked.exit).toBe(0);
    expect(checked.out).toMatch(/spec\.kv:\d+:1 warning pipeline_/);
    expect(checked.out).toContain("spec.kv:24:28 warning effect_denied");
    expect(checked.out).toContain("graph.yaml:3:39 warning effect_denied");
  });
});
