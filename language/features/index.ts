/** The features that the server offers, one file each. */
import type { Feature } from "../feature.ts";
import { incomingCalls, outgoingCalls, prepareCallHierarchy } from "./call-hierarchy.ts";
import { definition } from "./definition.ts";
import { highlight } from "./highlight.ts";
import { links } from "./links.ts";
import { references } from "./references.ts";
import { prepareRename, rename } from "./rename.ts";
import { codeActionResolve, codeActions } from "./code-actions.ts";
import { codeLenses } from "./code-lenses.ts";
import { completion } from "./completion.ts";
import { documentSymbols } from "./document-symbols.ts";
import { folding } from "./folding.ts";
import { formatting } from "./formatting.ts";
import { hover } from "./hover.ts";
import { inlayHints } from "./inlay-hints.ts";
import { selectionRanges } from "./selection-ranges.ts";
import { semanticTokens, semanticTokensRange } from "./semantic-tokens.ts";
import { workspaceSymbols } from "./workspace-symbols.ts";
import { settled } from "./settled.ts";

/** See the header. */
export const features: readonly Feature[] = [
  settled,
  codeActions,
  codeActionResolve,
  codeLenses,
  completion,
  documentSymbols,
  folding,
  formatting,
  hover,
  inlayHints,
  selectionRanges,
  semanticTokens,
  semanticTokensRange,
  workspaceSymbols,
  definition,
  highlight,
  links,
  references,
  prepareRename,
  rename,
  prepareCallHierarchy,
  incomingCalls,
  outgoingCalls,
];
