/** The codes of findings about `[policy]` and about an operator's allow lists, each with its documentation. */
import type { Severity } from "../../graph/diagnostic.ts";

/** What is known of a code. */
export interface PolicyCode {
  readonly severity: Severity;
  readonly text: string;
  readonly docs?: string;
  readonly example?: string;
}

/** Every code. */
export const policyCodes = {
  policy_url_wildcard: {
    severity: "error",
    text: "A URL pattern has a `*` where a host may not have one.",
    docs: `URLs are matched part by part: scheme, host, port, path. A host is exact or begins with \`*.\` for sub-domains; \`*\` alone
means any URL. A \`*\` elsewhere before the path would match hosts that nobody meant, and is refused.`,
    example: `urls = ["https://*.internal/**"]   # good\nurls = ["http://127.0.0.1*"]      # bad: also 127.0.0.1.evil.example`,
  },
  policy_url_never: {
    severity: "warning",
    text: "A URL pattern can match nothing: it is no absolute http or https URL.",
  },
  policy_pattern_wildcard: {
    severity: "warning",
    text: "A pattern has a `*` before its end, where it stands for itself.",
    docs: "`*` alone, `prefix/**`, `prefix/*` and a trailing `*` are the only wildcards; everything else is literal.",
  },
  policy_rego: {
    severity: "error",
    text: "The policy code of `[policy.rego]` does not compile.",
    docs: `The code must be Rego v1 in the subset that is documented in docs/rego.md. What this evaluator does not know it refuses,
so that no rule is passed over. A run with such a policy does not start.`,
    example: `inline = """
package agent
default allow = false
allow if input.tool == "fs.read"
"""`,
  },
  policy_rego_file: {
    severity: "error",
    text: "The file that `[policy.rego]` names cannot be read.",
  },
  policy_rego_source: {
    severity: "error",
    text: "`[policy.rego]` has both `inline` and `file`.",
  },
  policy_rego_query: {
    severity: "warning",
    text: "The query of `[policy.rego]` names nothing that the policy defines, so it denies everything.",
  },
} as const satisfies Readonly<Record<string, PolicyCode>>;
