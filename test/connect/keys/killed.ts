/** A process that dies by SIGKILL in the middle of a change: see `kill.test.ts`. Arguments: the file, and where to die. */
import { writeKeyFile } from "../../../src/connect/keys/files.ts";
import { changeSet, type SetCodec } from "../../../src/connect/keys/trust.ts";

const [file = "", where = ""] = process.argv.slice(2);

const codec: SetCodec<string> = {
  empty: "",
  most: 1000,
  parse: (bytes) => ({ ok: true, value: new TextDecoder().decode(bytes) }),
  serialize: (text) => text,
};

const dies = (): never => {
  process.kill(process.pid, "SIGKILL");
  throw new Error("it still lives");
};

if (where === "before the rename") {
  await writeKeyFile(file, Buffer.from("new"), { mode: 0o644, create: false }, { rename: async () => dies() });
} else await changeSet(file, codec, dies);
