/** `textDocument/hover`: what stands at the cursor. */
import { MarkupKind, type Hover, type HoverParams } from "vscode-languageserver";
import { documentFeature } from "../feature.ts";
import { shownAt } from "../hover/hover.ts";
import { plainText } from "../hover/markdown.ts";

export const hover = documentFeature<HoverParams, Hover>({
  method: "textDocument/hover",
  capabilities: { hoverProvider: true },
  answer: async ({ session, document, params }) => {
    const { live } = document;
    const offset = live.lines.offset(params.position);
    const shown = await shownAt({ session, document, live, offset, point: live.source.at(offset) });
    if (shown === null) return null;
    const markdown = session.client.textDocument?.hover?.contentFormat?.includes(MarkupKind.Markdown) === true;
    const contents = markdown
      ? { kind: MarkupKind.Markdown, value: shown.text }
      : { kind: MarkupKind.PlainText, value: plainText(shown.text) };
    return { contents, range: live.lines.range(...shown.span) };
  },
});
