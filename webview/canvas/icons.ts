/** Codicons of node families, kinds and states. */
const byKind: Readonly<Record<string, string>> = {
  http_request: "globe",
  http: "globe",
  shell_run: "terminal",
  "cli-tool": "terminal",
  read_file: "file",
  write_file: "save",
  create_dir: "new-folder",
  read_env: "symbol-variable",
  llm_infer: "sparkle",
  agent_loop: "robot",
  "agent-task": "robot",
  agent_task: "robot",
  switch: "git-branch",
  condition: "git-branch",
  merge: "git-merge",
  approval: "verified",
  pause_for_approval: "verified",
  call: "symbol-namespace",
  parallel: "split-horizontal",
  map: "list-ordered",
  respond: "reply",
  fail: "error",
  terminate: "stop-circle",
  template_render: "symbol-string",
  parse_json: "json",
  json_select: "json",
  diff_compute: "diff",
  call_mcp_tool: "plug",
  read_mcp_resource: "plug",
  skill: "package",
  tool: "tools",
  stage: "server-process",
};

const byFamily: Readonly<Record<string, string>> = {
  input: "arrow-small-down",
  transform: "wand",
  intelligence: "sparkle",
  action: "zap",
  composition: "symbol-namespace",
  control: "git-branch",
  step: "play",
  unknown: "question",
};

/** The icon of a node. */
export function nodeIcon(kind: string, family: string): string {
  return `codicon codicon-${byKind[kind] ?? byFamily[family] ?? "circle"}`;
}

/** The icon of a way in. */
export function entryIcon(source: string): string {
  return `codicon codicon-${source === "http" ? "globe" : source === "event" ? "bell" : "play-circle"}`;
}

/** The icon of a finding, a decision or a node's state in a run. */
export function stateIcon(state: string): string {
  const names: Readonly<Record<string, string>> = {
    error: "error",
    warning: "warning",
    information: "info",
    Allow: "pass",
    DryRunOnly: "eye",
    RequireApproval: "verified",
    Deny: "circle-slash",
    depends: "question",
    running: "sync",
    retrying: "history",
    done: "check",
    failed: "error",
    skipped: "debug-step-over",
    paused: "debug-pause",
    stopped: "debug-stop",
    retry: "history",
    on_error: "git-branch",
    when: "filter",
    mutation: "edit",
    idempotency: "key",
  };
  return `codicon codicon-${names[state] ?? "circle-small"}`;
}
