/** The TOML snippets of the dialect's page, by the section they stand in, exactly as printed. */
export const snippets: Readonly<Record<string, string>> = {
  "1.1 read_file": `[[nodes]]
id = "load"
type = "read_file"
path_from = "trigger.path"      # dotted path to a string in the context
`,
  "1.1 read_env": `[[nodes]]
id = "token"
type = "read_env"
key = "GITHUB_TOKEN"            # literal, not a context path
`,
  "1.1 read_mcp_resource": `[[nodes]]
id = "page"
type = "read_mcp_resource"
resource_from = "trigger.resource_uri"
`,
  "1.1 parse_json": `[[nodes]]
id = "body"
type = "parse_json"
input_from = "read_body.content"
`,
  "1.2 template_render": `[[nodes]]
id = "greet"
type = "template_render"
template = "Hi {{user.name}}, you are {{user.age}}."
input_from = "trigger"            # optional — default Null
`,
  "1.2 json_select": `[[nodes]]
id = "username"
type = "json_select"
input_from = "body.parsed"
path = "user.name"
`,
  "1.2 diff_compute": `[[nodes]]
id = "d"
type = "diff_compute"
left_from  = "fetch_old.parsed"
right_from = "fetch_new.parsed"
`,
  "1.21 policy-as-code": `[policy]
fs   = { read = ["/data/**"] }    # static allowlist still applies
http = { urls = ["https://*.internal/**"] }

[policy.rego]
file = "/etc/agentd/policy.rego"   # OR inline = "..."
# Extra data merged at the root of \`data\`; access as \`data.<key>\`.
data = { region = "eu-west-1", tenant = "acme" }
# Default query is \`data.agent.allow\`; operators rarely override.
# query = "data.agent.allow"
`,
  "1.25 scheduled triggers": `# Fire every 5 minutes (local TZ).
[[triggers]]
type = "cron"
schedule = "0 */5 * * * *"     # 5-field cron: m h dom mon dow
start_node = "poll"

# Or a simpler interval (no TZ concerns).
[[triggers]]
type = "interval"
every = "30s"                   # s / m / h / d
start_node = "heartbeat"

# Fire on filesystem events.
[[triggers]]
type = "fs_watch"
path = "/var/incoming"
recursive = true
events = ["create", "modify"]   # empty = all 4 (create/modify/remove/rename)
debounce_ms = 500               # coalesce rapid bursts
start_node = "on_file"
`,
  "1.3 llm_infer": `[[nodes]]
id = "classify"
type = "llm_infer"
backend = "default"              # currently the only named backend
prompt = "Classify sentiment of: {{text}}"
input_from = "trigger"           # optional; default Null
output_schema = "schemas/out.json"  # optional; see below
output_repairs = 2               # optional; bounded re-prompt rounds on failure
`,
  "1.4 write_file": `[[nodes]]
id = "emit"
type = "write_file"
path_from = "trigger.output_path"
content_from = "classify.content"
`,
  "1.4 create_dir": `[[nodes]]
id = "outdir"
type = "create_dir"
path_from = "trigger.dir"
`,
  "1.4 http_request": `[[nodes]]
id = "post"
type = "http_request"
method = "POST"                  # literal
url_from = "trigger.webhook_url"
body_from = "classify"           # optional; JSON-serialised when non-string
`,
  "1.4 call_mcp_tool": `[[nodes]]
id = "post_comment"
type = "call_mcp_tool"
tool = "comment_on_page"
args_from = "classify.comment_payload"   # optional
`,
  "1.4 shell_run": `[[nodes]]
id = "run"
type = "shell_run"
command = "/usr/bin/git"         # literal, absolute path only
args_from = "trigger.git_args"   # optional; resolves to a JSON array of strings
timeout_secs = 60                # optional; default 30
`,
  "1.45 call": `[[nodes]]
id = "enrich"
type = "call"
workflow = "workflows/enrich.toml"   # author-declared path, never from input
input_from = "trigger"               # optional; defaults to this run's trigger
start = "main"                       # optional; defaults to the child's first
`,
  "1.45 parallel": `[[nodes]]
id = "split"
type = "parallel"
branches = [
  { workflow = "workflows/enrich-a.toml", input_from = "trigger" },
  { workflow = "workflows/enrich-b.toml", input_from = "trigger" },
]
`,
  "1.45 map": `[[nodes]]
id = "score_each"
type = "map"
items_from = "accounts.parsed"          # must resolve to a JSON array
workflow = "workflows/score-account.toml"
max_items = 500                          # REQUIRED — the bound is the point
max_concurrent = 8                       # optional; default 4
start = "main"                           # optional; child's first otherwise
`,
  "1.5 terminate": `[[nodes]]
id = "done"
type = "terminate"
`,
  "1.5 fail": `[[nodes]]
id = "reject"
type = "fail"
reason = "input failed schema check"    # optional; default "workflow failed"
`,
  "1.5 pause_for_approval": `[[nodes]]
id = "approve"
type = "pause_for_approval"
reason = "Review the prepared change, then resume to apply."   # optional
`,
  "1.5 respond": `[[nodes]]
id = "answer"
type = "respond"
status = 200                          # optional, default 200 (100..=599)
content_type = "text/xml"             # optional, default application/json
body_template = """
<Response><Say>{{reply}}</Say></Response>
"""
input_from = "classify.parsed"        # optional; default = trigger input
`,
  "1.5 merge": `[[nodes]]
id = "join"
type = "merge"
`,
  "1.5 condition": `[[nodes]]
id = "gate"
type = "condition"
expr = "trigger.flag"
`,
  "1.5 switch": `[[nodes]]
id = "route"
type = "switch"
expr = "analyze.decision"

[[edges]]
from = "route"
to   = "post_comment"
when = "comment"

[[edges]]
from = "route"
to   = "done"
when = "ignore"
`,
  "2 edges": `[[edges]]
from = "node_id"
to   = "other_node_id"
when = "label"        # optional; matches against the source's branch outcome
max_iterations = 3    # optional; makes this a bounded *loop edge*
`,
  "3.1 start_nodes": `[[start_nodes]]
name = "on_http"
source = "http"             # event | http | manual
entry_node = "analyze"      # optional; falls back to the single root node
`,
  "3.2 triggers": `[[triggers]]
type = "mcp.resource.updated"   # or mcp.resource.created / internal.event
server = "docs"
resource = "docs://pages/*"
start_node = "on_resource_update"
`,
  "3.3 http_routes": `[[http_routes]]
method = "POST"                              # required
path   = "/webhooks/github"                  # required; routed on exact path
start_node = "on_push"                       # required; must exist in start_nodes
input_schema = "schemas/gh-push.json"        # optional; not enforced today (future)
auth = "hmac:github"                         # optional; none | bearer:name | basic:name | hmac:name | oidc:name | mtls
idempotency_key = "trigger.order.id"         # optional; payload path or "body_sha256"
idempotency_ttl_secs = 86400                 # optional; replay window (default 86400)
[http_routes.rate_limit]                     # optional
capacity   = 10
per_second = 1.0
`,
  "4 policy": `[policy.fs]
read   = ["/workspace/docs/**"]
write  = ["/tmp/agent-out/**"]
delete = []
list   = []                          # falls back to \`read\` when empty

[policy.env]
read_keys = ["DOCS_ROOT", "AGENTD_*"]

[policy.http]
urls    = ["http://api.internal.example/*"]
methods = ["GET", "POST"]            # optional; empty = any

[policy.shell]
commands = ["/usr/bin/git", "/usr/local/bin/mytool"]

[policy.mcp]
servers   = ["docs"]                 # informational for now
tools     = ["comment_on_page"]
resources = ["docs://pages/*"]
`,
  "5.1 auth": `[auth.bearer.ops]
tokens_env = "OPS_TOKENS"            # newline-separated tokens in env
# tokens = ["literal"]                # tests only; discouraged

[auth.basic.twilio]
credentials_env = "TWILIO_WEBHOOK_CREDS"   # newline-separated user:pass entries
# credentials = ["user:pass"]               # tests only; discouraged

[auth.hmac.github]
secret_env = "GITHUB_WEBHOOK_SECRET"
header = "X-Hub-Signature-256"       # optional; default "X-Agent-Signature"
prefix = "sha256="                   # optional; default "sha256="
`,
  "6.1 server.tls": `[server.tls]
cert_file = "/etc/ssl/server.pem"    # server cert chain (PEM, leaf first)
key_file  = "/etc/ssl/server.key"    # private key (PKCS8 / RSA / EC)

[server.tls.client_auth]             # omit for HTTPS-only
mode    = "required"                  # only \`required\` wired today
ca_file = "/etc/ssl/client-ca.pem"   # trust root for client certs
`,
  "6.2 mTLS in a workflow": `[[nodes]]
id = "audit"
type = "condition"
expr = "trigger.principal.name"

[[edges]]
from = "audit" to = "allow"
when = "sha256:abc123...…"

[[edges]]
from = "audit" to = "deny"
# (any other fingerprint hits the ambiguous-out-edge error)
`,
  "8 retry": `[[nodes]]
id = "post"
type = "http_request"
method = "POST"
url_from = "trigger.url"
body_from = "analyze"

[nodes.retry]
max_attempts = 3              # total; must be ≥ 1
backoff_ms   = 500            # linear: attempt N waits N × backoff_ms
on = "transient"              # any | transient
`,
  "10 logging": `[logging]
level  = "info"                                # EnvFilter directive
format = "text"                                 # text | json
target = "stderr"                               # stderr | stdout | file:/path
enabled = true
`,
  "7 rate limiting": `[[http_routes]]
method = "POST"
path = "/"
start_node = "s"
[[http_routes.rate_limit]]
capacity   = 10      # burst size
per_second = 1.0     # sustained refill rate (tokens / second, float)
`,
};
