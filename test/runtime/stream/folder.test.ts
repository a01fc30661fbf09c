import { appendFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { folderSource } from "../../../src/runtime/stream/source.ts";
import { folderWith } from "../../cli/terminal.ts";

test("a file that is written in pieces is one record, and is not taken before it has stood still", async () => {
  const folder = await folderWith({ slow: "first " });
  let time = 0;
  let looks = 0;
  const source = folderSource(folder, {
    once: false,
    everyMs: 10,
    now: () => {
      looks++;
      // Pieces come at every third look, a moment before the file would have stood still for long enough.
      if (looks % 3 === 0 && looks <= 9) appendFileSync(path.join(folder, "slow"), `${looks} `);
      return (time += looks <= 9 ? 4 : 5);
    },
  });
  const stop = new AbortController();
  for await (const [record] of source.batches(stop.signal)) {
    expect(Buffer.from(record?.bytes ?? []).toString()).toBe("first 3 6 9 ");
    expect(looks).toBeGreaterThan(9);
    stop.abort();
  }
  expect(source.problem()).toBeNull();
});
