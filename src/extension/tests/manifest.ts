/** What tests contribute to VS Code; names of their commands. */
import { lensCommands } from "../../protocol/language.ts";
import type { ManifestPart } from "../manifest-part.ts";

/** True while a canvas may show what the last coverage run did not take. */
export const COVERAGE_KEY = "countersign.coverageShown";

/** Commands by name. */
export const testCommands = {
  run: { id: lensCommands.runTests, title: "Run Tests of Document", icon: "$(beaker)" },
  save: { id: "countersign.saveRunAsTest", title: "Save Run as Test…", icon: "$(beaker)" },
  clearCoverage: { id: "countersign.clearCoverage", title: "Clear Coverage Marks on Canvas", icon: "$(clear-all)" },
} as const;

/** The part. */
export const testsPart: ManifestPart = {
  commands: testCommands,
  menus: {
    commandPalette: [
      { command: testCommands.save.id, when: "workspaceFolderCount > 0" },
      { command: testCommands.clearCoverage.id, when: COVERAGE_KEY },
    ],
    "editor/title": [
      {
        command: testCommands.clearCoverage.id,
        group: "navigation@8",
        when: `activeCustomEditorId == 'countersign.graph' && ${COVERAGE_KEY}`,
      },
    ],
  },
  // The Test Explorer shows what it is told by extensions that have been started.
  activationEvents: ["workspaceContains:**/fixture.toml"],
};
