/**
 * The lint rule `rooms/boundaries`: a file imports only what its room may import (scripts/rooms.mjs).
 */
import path from "node:path";
import { rooms } from "./rooms.mjs";

const roomOf = (file) => rooms.find((one) => file === one.room || file.startsWith(`${one.room}/`));

function check(context, root) {
  const file = path.relative(root, context.filename).split(path.sep).join("/");
  const room = roomOf(file);
  if (room === undefined) return {};
  const verify = (node, target) => {
    if (typeof target !== "string") return;
    const problem = violation(room, file, target);
    if (problem !== null) context.report({ node, message: problem });
  };
  return {
    ImportDeclaration: (node) => verify(node, node.source.value),
    ExportAllDeclaration: (node) => verify(node, node.source.value),
    ExportNamedDeclaration: (node) => verify(node, node.source?.value),
    ImportExpression: (node) => verify(node, node.source.value),
  };
}

/** Why `file` of `room` may not import `target`; null when it may. */
export function violation(room, file, target) {
  if (target.startsWith("node:"))
    return room.nodeImports ? null : `${room.room} may not import ${target}: effects go through src/effects`;
  if (!target.startsWith(".")) {
    if (room.packages === "any") return null;
    const name = target.startsWith("@") ? target.split("/").slice(0, 2).join("/") : target.split("/")[0];
    return room.packages.includes(name) ? null : `${room.room} may not import the package ${name}`;
  }
  const resolved = path.posix.join(path.posix.dirname(file), target);
  // The program's version stands in one place only.
  if (resolved === "package.json" && room.room === "src/runtime") return null;
  const other = roomOf(resolved);
  if (other === undefined) return `${room.room} may not import ${resolved}, which is in no room`;
  const definitionsOnly = room.room === "src/dialects" || room.room === "language";
  if (other.room === "src/kinds" && definitionsOnly && /handler/.test(path.posix.basename(resolved))) {
    return `${room.room} may import kinds' definitions, not their handlers`;
  }
  const allowed = room.may.some((one) => resolved === one || resolved.startsWith(`${one}/`));
  return other === room || allowed ? null : `${room.room} may not import ${resolved}`;
}

export const boundaries = {
  rules: {
    boundaries: {
      meta: { type: "problem", schema: [] },
      create: (context) => check(context, context.cwd),
    },
  },
};
