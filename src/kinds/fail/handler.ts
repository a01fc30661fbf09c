import type { z } from "zod";
import { pure } from "../pure.ts";
import type { definition } from "./definition.ts";

type Fields = z.output<(typeof definition)["fields"]>;

/** spec/workflow.md §5.6. */
export const handler = pure((context) => {
  const { reason } = context.node.fields as Fields;
  return { outcome: "fail", reason: reason ?? "workflow failed" };
});
