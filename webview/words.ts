/** All that the page says, in one table: labels, announcements, refusals and the texts of empty states. */

const families: Readonly<Record<string, string>> = {
  input: "Read",
  transform: "Transform",
  intelligence: "Models",
  action: "Act",
  composition: "Compose",
  control: "Control",
  step: "Steps",
  unknown: "Unknown",
};

const decisions: Readonly<Record<string, string>> = {
  Allow: "Policy allows it",
  DryRunOnly: "Only in a dry run",
  RequireApproval: "Somebody has to approve it",
  Deny: "Policy denies it",
  depends: "Depends on data of the run",
};

/** Most signs of unseen characters that a note lists. */
const MAX_SIGNS = 6;

/** See the header. */
export const words = {
  family: (family: string): string => families[family] ?? family,
  canvas:
    "Graph. Arrow keys walk along edges, with Shift to the edges themselves, Page Up and Page Down through the document, Enter opens the fields, F2 renames, C connects, E opens a child, Delete removes, Insert adds, Shift+F10 shows all actions.",
  node: (id: string, kind: string, marks: number): string =>
    `Node ${id}, ${kind}${marks === 0 ? "" : `, ${marks} ${marks === 1 ? "problem" : "problems"}`}`,
  edge: (from: string, to: string, label: string | null): string =>
    `Edge from ${from} to ${to}${label === null ? "" : `, when ${label}`}`,
  notTaken: "not tested",
  loop: (times: number): string => `at most ${times}×`,
  entry: (name: string, source: string): string => `Start ${name}, ${source}`,
  selected: (what: string): string => `${what} selected`,
  added: (id: string): string => `Added ${id}`,
  removed: (count: number): string => `Removed ${count === 1 ? "one element" : `${count} elements`}`,
  emptyTitle: "This graph has no nodes yet",
  emptyText:
    "Choose a kind from the palette, drag one here, or press Insert. Connect nodes from the dot below one to the top of another. The text beside says the same, and either may be edited.",
  brokenTitle: "The text does not parse",
  brokenText: "This is the last drawing that could be made. Editing goes on here when the text parses again.",
  readOnly: "This version is only shown; edit the graph of the working file.",
  palette: "Palette",
  showPalette: "Show the palette",
  searchPalette: "Search kinds",
  enterAdds: (kind: string): string => `Enter adds ${kind}`,
  noKinds: "No kind is called that.",
  inspector: "Fields",
  noSelection: "Select a node to see its fields.",
  documentHint: "The document itself. Select a node, an edge or a start for its own fields.",
  startHint: "A way into the graph.",
  starts: "Starts",
  addStart: "Add a start",
  noEntry: "enters no node yet",
  searchFields: "find a field",
  noFields: "No field is called that.",
  commitLines: "Ctrl+Enter, or leaving the field, writes it.",
  item: (list: string, position: number): string => `${list} ${position}`,
  addTo: (list: string): string => `Add to ${list}`,
  newName: (table: string): string => `New name in ${table}`,
  noNumber: "a number is expected",
  sameName: "there is that name already",
  blankTitle: "This file is empty",
  blankText: "It can become a graph: a name, a way in, and room for nodes.",
  begin: "Begin a graph here",
  otherTitle: "This is no graph",
  otherText: "A workflow has start nodes or nodes, a skill graph has steps. The text tells what it is.",
  unknownKey: "The kind does not know this key; it is kept as it is.",
  changedBelow: (now: string): string =>
    `The document says something else by now: ${now === "" ? "nothing" : now}. Escape takes it.`,
  hidden: (signs: readonly string[]): string => {
    const [count, more] = [signs.length === 1 ? "a character" : "characters", signs.length - MAX_SIGNS];
    const list = signs.slice(0, MAX_SIGNS).join(", ");
    return `Holds ${count} that cannot be seen here: ${list}${more > 0 ? ` and ${more} more` : ""}.`;
  },
  required: "required",
  addField: "Add a field",
  removeField: (key: string): string => `Remove ${key}`,
  id: "id",
  kind: "Kind",
  search: "Search nodes",
  searchHint: "by id, kind or text",
  found: (count: number): string => `${count} found`,
  fit: "Fit the graph to the window",
  zoomIn: "Zoom in",
  zoomOut: "Zoom out",
  data: "Show data references",
  arrange: "Arrange everything anew",
  exportSvg: "Export as SVG",
  exportPng: "Export as PNG",
  openText: "Open the text",
  menu: "Actions",
  rename: "Rename",
  duplicate: "Duplicate",
  copy: "Copy as text",
  cut: "Cut",
  paste: "Paste",
  remove: "Delete",
  connect: (port: string | null): string => (port === null ? "Connect from here" : `Connect from ${port}`),
  editLabel: "Edit the label",
  openChild: "Open its document",
  expandChild: "Draw its document here",
  closeChild: "Close its document",
  closeFrame: (title: string): string => `Draw ${title} as one box`,
  openFrame: (title: string): string => `Draw ${title} in full`,
  childOf: (file: string): string => `${file}, read only`,
  label: "Branch label",
  legend: "What the signs mean",
  decision: (name: string): string => decisions[name] ?? name,
  pickFile: "Choose a file",
  preview: "In the last run:",
  offers: "What can stand here",
  noPicture: "The picture could not be made; export as SVG instead.",
  togglePalette: "Show or hide the palette",
  toggleInspector: "Show or hide the fields",
  run: "Run",
  dryRun: "Dry run",
  cancel: "Cancel the run",
  connectFrom: (id: string, port: string | null): string =>
    `Connecting from ${id}${port === null ? "" : ` by ${port}`}: choose a node with the arrow keys and press Enter; C takes the next way out, Escape ends.`,
  sequence: "The order of steps is that of the document; a step is moved with Alt+Up and Alt+Down.",
  noSelf: "An edge from a node to itself needs a loop budget; add it in the text.",
  sameEdge: "There is such an edge already.",
  noPort: (id: string, port: string | null, labels: readonly string[]): string =>
    port === null
      ? `${id} has no plain way out; begin at one of its ports: ${labels.join(", ")}.`
      : `${id} has no way out called ${port}${labels.length === 0 ? "" : `; it has ${labels.join(", ")}`}.`,
  copied: (count: number): string => `Copied ${count === 1 ? "one node" : `${count} nodes`} as text`,
  chosen: (count: number): string => `${count} selected`,
  deadEnd: (id: string): string => `${id} ends the run, so nothing can follow it.`,
} as const;
