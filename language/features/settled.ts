/** `countersign/settled`: the one state of a document that clients and tests can wait for. */
import { settledRequest, type SettledParams, type SettledResult } from "../../src/protocol/language.ts";
import { documentFeature } from "../feature.ts";

export const settled = documentFeature<SettledParams, SettledResult>({
  method: settledRequest,
  capabilities: {},
  answer: async ({ session, document }) => {
    const checked = await session.checker.settled(document.key);
    return checked === null ? null : { version: checked.snapshot.version, findings: checked.findings.length };
  },
});
