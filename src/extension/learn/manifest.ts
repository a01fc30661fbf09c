/** The getting-started page: six steps that complete by doing. */
import type { ManifestPart } from "../manifest-part.ts";
import { learnedKey, type Step } from "./steps.ts";

/** Commands of this part. */
export const learnCommands = {
  openSample: { id: "countersign.openSample", title: "Open the Sample Graph" },
  walkthrough: { id: "countersign.getStarted", title: "Get Started" },
} as const;

/** The page's id within the extension. */
export const WALKTHROUGH = "countersign.start";

const step = (id: Step, title: string, description: string, altText: string): object => ({
  id,
  title,
  description,
  media: { image: `docs/images/${id}.webp`, altText },
  completionEvents: [`onContext:${learnedKey(id)}`],
});

/** See the header. */
export const learnPart: ManifestPart = {
  commands: learnCommands,
  walkthroughs: [
    {
      id: WALKTHROUGH,
      title: "Get Started with Countersign",
      description: "See what a graph would do, stop it where a person must decide, and prove afterwards what happened.",
      steps: [
        step(
          "open",
          "Open a graph beside its text",
          "A graph is a text file: TOML or YAML. The canvas is another view of it; whatever you change in one shows in the other, and your comments stay.\n[Open the Sample](command:countersign.openSample)",
          "A graph on the canvas, its TOML text to the left.",
        ),
        step(
          "fix",
          "Fix a squiggle",
          "The sample has a misspelt node. Put the cursor on the red squiggle, press `Ctrl+.` and take the first fix.\n[Open the Sample](command:countersign.openSample)",
          "A misspelt node is underlined; the quick fix offers the right name.",
        ),
        step(
          "dryRun",
          "Dry-run it",
          "A dry run walks through the graph and does nothing: no request is sent, no program is started, no file is written. The canvas shows the way it took.\n[Dry-Run](command:countersign.dryRun)",
          "The canvas after a dry run: the visited nodes are marked and the timeline lists them.",
        ),
        step(
          "break",
          "Stop at a node",
          "Select a node and press `F9`, or click left of its line. `F5` runs until there; step with `F10`, and back with the arrow that points left.\n[Debug](command:countersign.debug)",
          "A dry run stands still at a breakpoint; the variables show what the nodes before it gave.",
        ),
        step(
          "approve",
          "Approve what matters",
          "Run it for real: it stops where a person must decide. Open the request, read what would happen, and sign yes or no.\n[Run](command:countersign.run)\n[Show Approvals](command:countersign.approvals.focus)",
          "The page of a request: what would happen, why it was asked, and the buttons to approve and deny.",
        ),
        step(
          "export",
          "Export the proof",
          "Every run leaves a signed receipt. Export it: anybody can verify it, without a network and without trusting you.\n[Show Receipts](command:countersign.receipts.focus)",
          "A receipt in words: verified, with the tree of what was done and who approved it.",
        ),
      ],
    },
  ],
};
