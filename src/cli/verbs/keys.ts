/** The verbs of `countersign keys`: their options and help. Their code is loaded when it is used. */
import type { Command } from "commander";
import { collect } from "../options.ts";
import type { Terminal } from "../terminal.ts";

type Options = Record<string, unknown>;

/** Adds `keys` and its verbs to the program. */
export function keysVerb(program: Command, terminal: Terminal, done: (code: number) => void): void {
  const parent = program
    .command("keys")
    .description("keys that sign and keys that are trusted: init, list, trust, revoke, export");
  parent
    .command("init")
    .description("make a key of your own")
    .option("--name <name>", "its name (default: made from its fingerprint)")
    .option("--principal <name>", "whose it is (default: as for a run)")
    .option("--purpose <names>", "approval, receipt, manifest, keyset (default: approval)", collect, [])
    .option("--passphrase-file <file>", "the passphrase, in a file of mode 0600")
    .option("--no-passphrase", "a key without one: whoever can read the file can sign")
    .option("--json", "as JSON")
    .action(async (options: Options) => {
      const { keysInitCommand } = await import("../commands/keys.ts");
      done(await keysInitCommand(terminal, options));
    });
  parent
    .command("list")
    .description("your own keys, and those you trust")
    .option("--json", "as JSON")
    .action(async (options: Options) => {
      const { keysListCommand } = await import("../commands/keys.ts");
      done(await keysListCommand(terminal, options));
    });
  parent
    .command("trust")
    .description("trust a key: of a signing_keys.json, or one of your own by name or fingerprint")
    .argument("<source>", "file, name or fingerprint")
    .option("--key <kid>", "only this one of the file's keys")
    .option("--principal <names>", "whose it is, in place of what the file says", collect, [])
    .option("--purpose <names>", "what it may sign, in place of what the file says", collect, [])
    .option("--environment <names>", "where it may approve: dev, staging, prod", collect, [])
    .option("--yes <fingerprint>", "agree to the key with this whole fingerprint", collect, [])
    .option("--json", "as JSON")
    .action(async (source: string, options: Options) => {
      const { keysTrustCommand } = await import("../commands/keys.ts");
      done(await keysTrustCommand(terminal, source, options));
    });
  parent
    .command("revoke")
    .description("believe a key no more, for good")
    .argument("<key>", "name or fingerprint")
    .option("--retire", "only what it signs from now on")
    .option("--key-set <file>", "where the key is found, if neither yours nor trusted")
    .option("--yes <fingerprint>", "agree, by its whole fingerprint", collect, [])
    .option("--json", "as JSON")
    .action(async (name: string, options: Options) => {
      const { keysRevokeCommand } = await import("../commands/keys.ts");
      done(await keysRevokeCommand(terminal, name, options));
    });
  parent
    .command("export")
    .description("your public keys as a signing_keys.json")
    .argument("[key...]", "names (default: all)")
    .option("--trusted", "the keys you trust, in place of your own")
    .option("--issuer <name>", "who gives it out (default: local)")
    .option("--out <file>", "write it there")
    .option("--force", "replace that file")
    .action(async (kids: string[], options: Options) => {
      const { keysExportCommand } = await import("../commands/keys.ts");
      done(await keysExportCommand(terminal, kids, options));
    });
}
