/**
 * What the extension contributes to VS Code, typed; `npm run generate` writes it into package.json (spec/editor.md §1,
 * §7). Names of commands, settings and context keys come from here, so that code and manifest cannot differ.
 */

import { approvalsPart } from "./approvals/manifest.ts";
import { keptRunsPart } from "./kept-runs/manifest.ts";
import { keysPart } from "./keys/manifest.ts";
import { learnPart } from "./learn/manifest.ts";
import { modelToolsPart } from "./model-tools/manifest.ts";
import { receiptsPart } from "./receipts/manifest.ts";
import { testsPart } from "./tests/manifest.ts";
import { breakpoints, DEBUG_TYPE, debuggers } from "./manifest-debug.ts";
import { CONTAINER, declared, mergedMenus, type CommandInfo, type ManifestPart } from "./manifest-part.ts";

/** The custom editor that draws graphs. */
export const EDITOR_TYPE = "countersign.graph";

/** A list of paths of graph documents; buttons and menus appear by it. */
export const GRAPHS_KEY = "countersign.graphs";

/** Languages whose documents may be ours. Only the pipeline's is our own. */
export const languages = ["toml", "yaml", "markdown", "skill", "countersign-pipeline"] as const;

/** Commands by name, with the title that people see. */
export const commands = {
  openGraph: { id: "countersign.openGraph", title: "Open Graph", icon: "$(type-hierarchy)" },
  openGraphToSide: { id: "countersign.openGraphToSide", title: "Open Graph to the Side", icon: "$(type-hierarchy)" },
  openHead: {
    id: "countersign.openHeadGraph",
    title: "Open Graph of Git HEAD to the Side",
    icon: "$(git-compare)",
  },
  openText: { id: "countersign.openText", title: "Open Text", icon: "$(go-to-file)" },
  newGraph: { id: "countersign.newGraph", title: "New Graph…" },
  run: { id: "countersign.run", title: "Run" },
  dryRun: { id: "countersign.dryRun", title: "Dry Run" },
  debug: { id: "countersign.debug", title: "Debug Graph", icon: "$(debug-alt)" },
  resumeRun: { id: "countersign.resumeRun", title: "Resume Interrupted Run…" },
  exportSvg: { id: "countersign.exportSvg", title: "Export Graph as SVG…" },
  exportPng: { id: "countersign.exportPng", title: "Export Graph as PNG…" },
  restartServer: { id: "countersign.restartServer", title: "Restart Language Server" },
  showLog: { id: "countersign.showLog", title: "Show Log" },
} as const satisfies Record<string, CommandInfo>;

const isGraph = `resourcePath in ${GRAPHS_KEY}`;
const isCanvas = `activeCustomEditorId == '${EDITOR_TYPE}'`;
/** What belongs to no single feature: opening, running and drawing. */
const own: ManifestPart = {
  commands,
  keybindings: [
    // VS Code's own F5 asks nobody when only a canvas has the focus.
    { command: commands.debug.id, key: "f5", when: `${isCanvas} && debugState == 'inactive'` },
  ],
  menus: {
    "editor/title": [
      {
        command: commands.openGraphToSide.id,
        alt: commands.openGraph.id,
        group: "navigation",
        when: `${isGraph} && activeCustomEditorId != '${EDITOR_TYPE}'`,
      },
      { command: commands.openText.id, group: "navigation", when: `activeCustomEditorId == '${EDITOR_TYPE}'` },
      {
        command: commands.openHead.id,
        group: "navigation",
        when: `${isCanvas} && resourceScheme == 'file' && gitOpenRepositoryCount > 0`,
      },
    ],
    "explorer/context": [{ command: commands.openGraph.id, group: "navigation@9", when: isGraph }],
    "file/newFile": [{ command: commands.newGraph.id, group: "file" }],
    commandPalette: [
      ...[
        commands.openGraph,
        commands.openGraphToSide,
        commands.openHead,
        commands.run,
        commands.dryRun,
        commands.debug,
        commands.resumeRun,
      ].map(({ id }) => ({
        command: id,
        when: `${isGraph} || activeCustomEditorId == '${EDITOR_TYPE}'`,
      })),
      ...[commands.openText, commands.exportSvg, commands.exportPng].map(({ id }) => ({
        command: id,
        when: `activeCustomEditorId == '${EDITOR_TYPE}'`,
      })),
    ],
  },
  settings: {
    "countersign.files.associations": {
      type: "object",
      scope: "resource",
      additionalProperties: { enum: ["workflow", "skill", "pipeline", "none"] },
      default: {},
      markdownDescription:
        "What files are, by glob pattern: `workflow`, `skill`, `pipeline`, or `none` for files that are to be left alone. Wins over what a file's name and text say.",
    },
    "countersign.environment": {
      type: "string",
      scope: "machine",
      enum: ["", "dev", "staging", "prod"],
      default: "",
      markdownDescription:
        "The environment whose decisions are shown and in which runs are started. Empty: as configured outside.",
    },
    "countersign.canvas.positions": {
      type: "string",
      scope: "resource",
      enum: ["workspace", "sidecar"],
      enumDescriptions: [
        "In the workspace's storage: on this machine only.",
        "In a file beside the document, which can be committed: `release-gate.toml.layout.json`.",
      ],
      default: "workspace",
      markdownDescription:
        "Where the places of nodes are kept that were moved by hand on the canvas. They never stand in the document itself.",
    },
    "countersign.trace.server": {
      type: "string",
      scope: "window",
      enum: ["off", "messages", "verbose"],
      default: "off",
      description: "Logs what the editor and the language server say to each other.",
    },
  },
};

/** All parts; the order is that of views, menus and settings. */
const parts: readonly ManifestPart[] = [
  own,
  approvalsPart,
  keptRunsPart,
  receiptsPart,
  keysPart,
  modelToolsPart,
  learnPart,
  testsPart,
];

/** What all parts have of one thing. */
function listed(of: (part: ManifestPart) => readonly object[] | undefined): readonly object[] {
  return parts.flatMap((part) => of(part) ?? []);
}

function merged(of: (part: ManifestPart) => Readonly<Record<string, object>> | undefined): Record<string, object> {
  return Object.assign({}, ...parts.map(of)) as Record<string, object>;
}

/** `activationEvents` of package.json. Nothing of ours is loaded before one of them. */
export const activationEvents: readonly string[] = [
  "workspaceContains:**/countersign.toml",
  ...["toml", "yaml", "skill", "countersign-pipeline"].map((id) => `onLanguage:${id}`),
  `onDebugResolve:${DEBUG_TYPE}`,
  ...parts.flatMap((part) => part.activationEvents ?? []),
];

/** `contributes` of package.json. */
export const contributes = {
  languages: [
    {
      id: "toml",
      aliases: ["TOML", "toml"],
      extensions: [".toml"],
      configuration: "./syntaxes/language-configuration/toml.json",
    },
    {
      id: "countersign-pipeline",
      aliases: ["Countersign Pipeline"],
      filenames: ["spec.kv"],
      configuration: "./syntaxes/language-configuration/spec-kv.json",
    },
  ],
  grammars: [
    { language: "toml", scopeName: "source.toml", path: "./syntaxes/toml.tmLanguage.json" },
    {
      language: "countersign-pipeline",
      scopeName: "source.countersign-pipeline",
      path: "./syntaxes/spec-kv.tmLanguage.json",
    },
    // Only inner scopes within strings, so that they live in peace with anybody's grammar.
    ...["templates", "references", "stage-keys"].map((name) => ({
      scopeName: `countersign.${name}.injection`,
      path: `./syntaxes/${name}.injection.tmLanguage.json`,
      injectTo: ["source.toml", "source.yaml", "text.html.markdown"],
    })),
  ],
  customEditors: [
    ...listed(({ customEditors }) => customEditors),
    {
      viewType: EDITOR_TYPE,
      displayName: "Countersign Graph",
      priority: "option",
      selector: ["*.toml", "*.yaml", "*.yml", "SKILL.md", "spec.kv"].map((filenamePattern) => ({ filenamePattern })),
    },
  ],
  debuggers,
  breakpoints,
  commands: parts.flatMap(({ commands = {} }) => Object.values(commands)).map(declared),
  keybindings: listed(({ keybindings }) => keybindings),
  menus: mergedMenus(parts),
  views: { [CONTAINER]: listed(({ views }) => views) },
  viewsContainers: { activitybar: [{ id: CONTAINER, title: "Countersign", icon: "media/activity-bar.svg" }] },
  viewsWelcome: listed(({ viewsWelcome }) => viewsWelcome),
  walkthroughs: listed(({ walkthroughs }) => walkthroughs),
  languageModelTools: listed(({ languageModelTools }) => languageModelTools),
  configuration: {
    title: "Countersign",
    properties: merged(({ settings }) => settings),
  },
};
