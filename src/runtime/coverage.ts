/** What fixtures took of each document, collected while they run (spec/editor.md §6). */
import path from "node:path";
import { splitSkillDocument } from "../dialects/skill/reference.ts";
import { Coverage } from "../fixtures/coverage.ts";
import { coverageByFile, type CoveredDocument, type FileCoverage } from "../fixtures/coverage-report.ts";
import type { FixtureRunSettings } from "./fixture-run.ts";
import { locatorOf } from "./documents.ts";
import type { BundleEntry } from "../dialects/bundle.ts";

/** Collects over any number of fixtures, run one after the other. */
export class CoveredDocuments {
  private readonly coverage = new Coverage();
  private readonly entries = new Map<string, BundleEntry>();

  /** For a fixture's run. */
  readonly listeners: Required<Pick<FixtureRunSettings, "onEvent" | "onLoaded">> = {
    onEvent: (event) => {
      this.coverage.add(event);
    },
    onLoaded: (bundle) => {
      for (const entry of bundle.entries.values()) if (entry.graph !== null) this.entries.set(entry.key, entry);
    },
  };

  /** By file; paths are absolute, or relative to `from` with forward slashes. */
  files(from: string | null = null): FileCoverage[] {
    const documents: CoveredDocument[] = [];
    for (const { key, bytes, graph } of this.entries.values()) {
      if (graph === null) continue;
      const { file, runner } = splitSkillDocument(key);
      const locator = locatorOf(new TextDecoder().decode(bytes), file);
      const shown = from === null ? file : path.relative(from, file).split(path.sep).join("/");
      documents.push({ file: shown, runner, graph, locator, visits: this.coverage.of(key) });
    }
    return coverageByFile(documents);
  }
}
