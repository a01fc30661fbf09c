/** Codes of tests, of configuration, and of the server itself. */
import { change, type Row } from "./row.ts";

const workflow = `name = "w"
[[start_nodes]]
name = "main"
source = "manual"
entry_node = "ask"
[[nodes]]
id = "ask"
type = "call_mcp_tool"
tool = "search"
server = "one"
[[mcp_servers]]
name = "one"
command = ["/bin/one"]
`;
const fixture = `start = "main"
document = "flow.toml"
[[mocks.mcp_tools.search]]
content = []
[expected]
status = "completed"
path = ["ask"]
last_node = "ask"
[expected.branches]
ask = "ok"
[expected.outputs]
"ask.is_error" = false
`;
const of = (code: string, from: string, to: string): Row =>
  change(code, "fixture.toml", fixture, from, to, { "flow.toml": workflow, "cargo.toml": "[package]\nname = 1\n" });
const config = `state_dir = ".countersign"
side_effects = "deny_all"
[diagnostics]
no_policy = "off"
`;
const configured = (code: string, from: string, to: string): Row =>
  change(code, "sub/countersign.toml", config, from, to);

export const otherRows: readonly Row[] = [
  of("fixture_document", '"flow.toml"', '‹"flwo.toml"›'),
  of("fixture_document", '"flow.toml"', '‹"cargo.toml"›'),
  of("fixture_start", '"main"', '‹"mian"›'),
  of("fixture_node", 'path = ["ask"]', 'path = [‹"aks"›]'),
  of("fixture_node", 'last_node = "ask"', 'last_node = ‹"aks"›'),
  of("fixture_node", 'ask = "ok"', '‹aks› = "ok"'),
  of("fixture_node", '"ask.is_error"', '‹"aks.is_error"›'),
  of("fixture_mock", "[[mocks.mcp_tools.search]]", "‹[[mocks.mcp_tools.serach]]›"),
  configured("config_code", "no_policy", "‹no_polcy›"),
  configured("config_code", "no_policy", "‹unknown_node›"),
  configured("config_syntax", '"deny_all"', "‹d›eny_all"),
  configured("config_unknown_key", "side_effects", "‹side_effect›"),
  configured("config_value", '"deny_all"', '‹"deny"›'),
  configured("config_operator_only", "side_effects =", '‹principal› = "user:a@b"\nside_effects ='),
  configured("config_state_dir", '".countersign"', '‹"../runs"›'),
  change(
    "policy_url_wildcard",
    "sub/countersign.toml",
    `${config}[allow.http]\nurls = ["*"]\n`,
    '"*"',
    '‹"http://127.0.0.1*"›',
  ),
];
