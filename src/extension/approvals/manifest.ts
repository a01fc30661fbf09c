/** What the extension contributes for approvals: two views, their commands, and what an empty view says. */
import type { ManifestPart } from "../manifest-part.ts";
import { keyCommands } from "../keys/manifest.ts";

/** The view of what waits, and that of what came to its end. */
export const PENDING_VIEW = "countersign.approvals";
export const HISTORY_VIEW = "countersign.approvalHistory";
/** True once a view has looked and found nothing: an empty view says so only then. */
export const NONE_WAITS_KEY = "countersign.approvals.none";
export const NONE_ENDED_KEY = "countersign.approvalHistory.none";
/** The page of one request. */
export const APPROVAL_PAGE = "countersign.approval";

/** Commands by name. None of them answers anything: an answer is given on a request's page only. */
export const approvalCommands = {
  review: { id: "countersign.reviewApproval", title: "Review Next Approval", icon: "$(inspect)" },
  refresh: { id: "countersign.refreshApprovals", title: "Refresh Approvals", icon: "$(refresh)" },
} as const;

const { makeKey, showKeys } = keyCommands;

/** See the header. */
export const approvalsPart: ManifestPart = {
  commands: approvalCommands,
  views: [
    { id: PENDING_VIEW, name: "Approvals", icon: "media/activity-bar.svg" },
    { id: HISTORY_VIEW, name: "Approval History", icon: "media/activity-bar.svg", visibility: "collapsed" },
  ],
  viewsWelcome: [
    {
      view: PENDING_VIEW,
      contents: [
        "Nothing waits for your answer.",
        "A run asks here before it does what policy, the environment or the graph leaves to a person.",
        `[Make a Signing Key](command:${makeKey.id})`,
        `Nothing is signed until you say so twice. [Show my keys](command:${showKeys.id})`,
      ].join("\n"),
      when: NONE_WAITS_KEY,
    },
    {
      view: HISTORY_VIEW,
      contents:
        "No request has been answered yet. What was approved, denied or has expired is listed here, with by whom.",
      when: NONE_ENDED_KEY,
    },
  ],
  menus: {
    "view/title": [
      { command: approvalCommands.refresh.id, when: `view == ${PENDING_VIEW}`, group: "navigation" },
      { command: showKeys.id, when: `view == ${PENDING_VIEW}`, group: "2_keys@1" },
      { command: makeKey.id, when: `view == ${PENDING_VIEW}`, group: "2_keys@2" },
    ],
  },
  activationEvents: [`onWebviewPanel:${APPROVAL_PAGE}`],
};
