/** Documentation as the registry writes it: plain sentences with `code`, **weight** and [links](…), which are shown as text. */
import type { ReactNode } from "react";

/** See the header. Nothing of the text becomes markup of the page. */
export function Doc({ text }: { readonly text: string }) {
  return <>{text.split(/(`[^`\n]+`|\*\*[^*\n]+\*\*|\[[^\]\n]+\]\([^)\n]*\))/).map(part)}</>;
}

function part(text: string, position: number): ReactNode {
  if (position % 2 === 0) return text;
  if (text.startsWith("`")) return <code key={position}>{text.slice(1, -1)}</code>;
  if (text.startsWith("**")) return <strong key={position}>{text.slice(2, -2)}</strong>;
  return text.slice(1, text.indexOf("]("));
}
