/** Names that a document declares in tables of its own: secrets, servers, tools, backends, auth bindings, groups, runners. */
import type { DocumentPath } from "../../src/graph/diagnostic.ts";
import { graphPath, rootPath, type Named } from "../schema/names.ts";
import { declaredNames, graphAt } from "../schema/where.ts";
import type { Asked } from "./asked.ts";
import { inSlot, type Offer } from "./offer.ts";
import { Outputs } from "./outputs.ts";
import { splitRunner } from "../../src/dialects/skill/reference.ts";
import { siblings } from "./words.ts";

/** A name with what stands beside it. */
interface Declared {
  readonly name: string;
  readonly detail?: string;
}

/** Declared names for what a value names; null when it names something else. */
export async function declaredOffers(asked: Asked, names: Named): Promise<Offer[] | null> {
  const found = await declared(asked, names);
  if (found === null) return null;
  const { slot } = asked;
  const others = siblings(asked);
  return found
    .filter(({ name }) => !others.has(name))
    .map(({ name, detail }) =>
      inSlot(slot, 0, slot.text.length, name, { kind: "variable", ...(detail === undefined ? {} : { detail }) }),
    );
}

async function declared(asked: Asked, names: Named): Promise<readonly Declared[] | null> {
  const { live, path } = asked;
  const root = rootPath(live);
  const text = (at: DocumentPath): string | null => live.source.element(at)?.text ?? null;
  const listed = (list: readonly string[], key: string, about: string): Declared[] =>
    declaredNames(live, [...root, ...list], key).map(({ name, at }) => ({ name, detail: text([...at, about]) ?? "" }));
  switch (names) {
    case "secret":
      return secretNames(asked);
    case "server":
      return listed(["mcp_servers"], "name", "description").map(({ name }) => ({ name, detail: "MCP server" }));
    case "backend":
      return [
        ...listed(["intelligence", "backends"], "name", "provider"),
        { name: "default", detail: "of the command line" },
      ];
    case "tool":
      return tools(asked);
    case "auth":
      return bindings(asked);
    case "env":
      return literal(asked, ["policy", "env", "read_keys"]);
    case "command":
      return literal(asked, ["policy", "shell", "commands"]);
    case "group":
      return children(asked, [...graphPath(live, path), "fanout", "groups"]).map((name) => ({
        name,
        detail: "fan-out group",
      }));
    case "runner":
      return children(asked, ["runners"]).map((name) => ({ name, detail: text(["runners", name, "type"]) ?? "" }));
    case "child-runner":
      return childRunners(asked);
    case "input":
      return (graphAt(live, path)?.graph.inputs ?? []).map(({ name, type, description }) => ({
        name,
        detail: description ?? type,
      }));
    default:
      return null;
  }
}

/** Secrets of the document, with where they come from; never a value. */
export function secretNames({ live }: Pick<Asked, "live">): readonly Declared[] {
  return declaredNames(live, [...rootPath(live), "secrets"], "name").map(({ name, at }) => {
    const source = live.source.element([...at, "source"])?.text ?? null;
    return { name, detail: source === null ? "secret" : `secret from ${source}` };
  });
}

function children({ live }: Asked, path: DocumentPath): string[] {
  return (live.source.element(path)?.children ?? []).map(String);
}

/** Entries of a policy's list without wildcards. */
function literal(asked: Asked, list: readonly string[]): Declared[] {
  const { live } = asked;
  const path = [...rootPath(live), ...list];
  return children(asked, path).flatMap((index) => {
    const name = live.source.element([...path, Number(index)])?.text;
    return name === null || name === undefined || name.includes("*") ? [] : [{ name, detail: "allowed by the policy" }];
  });
}

/** Tools that the node's server may be asked for. */
function tools(asked: Asked): Declared[] {
  const { live, path } = asked;
  const list = [...rootPath(live), "mcp_servers"];
  const wanted = live.source.element([...path.slice(0, -1), "server"])?.text ?? null;
  return declaredNames(live, list, "name").flatMap(({ name: server, at }) => {
    if (wanted !== null && wanted !== server) return [];
    const allowed = [...at, "allow_tools"];
    return children(asked, allowed).flatMap((index) => {
      const name = live.source.element([...allowed, Number(index)])?.text ?? "*";
      return name.includes("*") ? [] : [{ name, detail: `tool of ${server}` }];
    });
  });
}

/** `bearer:NAME` and the like (spec/workflow.md §13.6). */
function bindings(asked: Asked): Declared[] {
  const auth = [...rootPath(asked.live), "auth"];
  const named = ["bearer", "basic", "hmac", "oidc"].flatMap((family) =>
    children(asked, [...auth, family]).map((name) => ({ name: `${family}:${name}`, detail: `${family} binding` })),
  );
  return [...named, { name: "mtls", detail: "client certificates" }, { name: "none", detail: "everybody" }];
}

/** Runners of the skill that stands beside. */
async function childRunners({ session, document, live, path }: Asked): Promise<Declared[]> {
  const skill = live.source.element([...path.slice(0, -1), "skill"])?.text;
  const graph = graphAt(live, path)?.graph;
  if (typeof skill !== "string" || graph === undefined) return [];
  const folder = splitRunner(skill).folder.replace(/[/\\]+$/, "");
  const [key] = session.workspace.files.resolve(`${folder}/X.yaml`, document.key);
  const manifest = key === undefined ? null : await session.workspace.document(key);
  return (manifest?.live.graphs ?? []).flatMap(({ runner, graph: { description } }) =>
    runner === null ? [] : [{ name: runner, detail: description ?? "runner" }],
  );
}

/** Outputs of the graph at a place; null where there is no graph. */
export function outputsAt({ session, document, live, path }: Asked): Outputs | null {
  const graph = graphAt(live, path)?.graph;
  return graph === undefined ? null : new Outputs(session, document, graph);
}
