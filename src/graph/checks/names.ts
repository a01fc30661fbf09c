/**
 * Names that must be configured elsewhere: secrets, model backends, auth bindings; and URL patterns, whose hosts may
 * not be guessed (spec/workflow.md §9.2, §12, §13.6, Decision D3).
 */
import type { Fix, Place } from "../diagnostic.ts";
import type { NodeReference } from "../model.ts";
import { isObject, member, type Value } from "../value.ts";
import { didYouMean, suggest } from "../suggest.ts";
import { named, stretch, type Check, type Report, type View } from "./check.ts";

/** Headers that name secrets which are not declared. */
export const secrets: Check = {
  codes: ["undeclared_secret"],
  speed: "fast",
  run: (view, _context, report) => {
    const declared = new Set(view.graph.secrets.map((secret) => secret.name));
    for (const node of view.graph.nodes) {
      if (node.references.length > 0)
        view.once("secrets", node, report, (found) => {
          for (const reference of node.references) undeclared(view, declared, reference, found);
        });
    }
  },
};

function undeclared(view: View, declared: ReadonlySet<string>, reference: NodeReference, report: Report): void {
  if (reference.role !== "secret" || reference.text === "" || declared.has(reference.text)) return;
  const near = view.near(reference.text, [...declared]);
  const message = `the secret \`${reference.text}\` is not in \`[[secrets]]\`, so the environment variable of that name is used${didYouMean(near)}`;
  const marker = `{{secret:${near ?? ""}}}`;
  const fixes: Fix[] =
    near === null || reference.at.within === undefined
      ? []
      : [{ type: "replace", title: `Change to \`${near}\``, at: reference.at, text: marker }];
  report("undeclared_secret", reference.at, message, { fixes });
}

const modelKinds = new Set(["llm_infer", "agent_loop"]);

/** Nodes that name model backends which are not configured. */
export const backends: Check = {
  codes: ["unknown_backend", "default_backend"],
  speed: "fast",
  run: (view, context, report) => {
    const known = new Set([...view.graph.backends.map((backend) => backend.name), ...(context.backends ?? [])]);
    let toldDefault = false;
    for (const node of view.graph.nodes) {
      const name = node.fields["backend"];
      if (!modelKinds.has(node.kind) || typeof name !== "string" || known.has(name)) continue;
      const at: Place = { path: [...node.at, "backend"], part: "value" };
      if (name === "default") {
        if (toldDefault) continue;
        toldDefault = true;
        report(
          "default_backend",
          at,
          "the backend `default` comes from `--intel-unix` or `--intel-http`; without either, the node fails",
        );
        continue;
      }
      const near = view.near(name, [...known, "default"]);
      const hint =
        near !== null
          ? didYouMean(near)
          : known.size === 0
            ? "; none is configured"
            : `; configured: ${named([...known].sort())}`;
      const fixes: Fix[] =
        near === null
          ? []
          : [{ type: "replace", title: `Change to \`${near}\``, at: stretch(at, 0, name.length), text: near }];
      report(
        "unknown_backend",
        at,
        `\`${node.id}\` names the model backend \`${name}\`, which is not configured${hint}`,
        { fixes },
      );
    }
  },
};

const bindingKinds = ["bearer", "basic", "hmac", "oidc"];

/** Routes whose `auth` names nothing. */
export const auth: Check = {
  codes: ["undefined_auth"],
  speed: "fast",
  run: (view, _context, report) => {
    const { routes, auth: bindings, server } = view.graph.operation;
    for (const route of routes) {
      if (route.auth === null) continue;
      const problem = authProblem(route.auth, bindings, server);
      if (problem === null) continue;
      const message = `the server refuses to start on the route \`${route.method} ${route.path}\`: ${problem}`;
      report("undefined_auth", { path: [...route.at, "auth"], part: "value" }, message);
    }
  },
};

function authProblem(reference: string, bindings: Value, server: Value): string | null {
  if (reference === "" || reference.toLowerCase() === "none") return null;
  const colon = reference.indexOf(":");
  const kind = colon < 0 ? reference : reference.slice(0, colon);
  const name = colon < 0 ? "default" : reference.slice(colon + 1);
  if (kind === "mtls") {
    if (colon >= 0) return `\`${reference}\`: mtls takes no name`;
    return at(server, "tls", "client_auth") === undefined ? "`mtls` needs `[server.tls.client_auth]`" : null;
  }
  if (!bindingKinds.includes(kind)) {
    const near = suggest(kind, [...bindingKinds, "mtls", "none"]);
    return `unknown auth kind \`${kind}\` (expected bearer, basic, hmac, oidc, mtls or none)${didYouMean(near)}`;
  }
  const defined = at(bindings, kind);
  if (isObject(defined) && member(defined, name) !== undefined) return null;
  const near = isObject(defined) ? suggest(name, Object.keys(defined)) : null;
  return `\`${reference}\` is not defined in \`[auth.${kind}]\`${didYouMean(near)}`;
}

function at(value: Value, ...keys: readonly string[]): Value | undefined {
  let here: Value | undefined = value;
  for (const key of keys) here = isObject(here) ? member(here, key) : undefined;
  return here === null ? undefined : here;
}
