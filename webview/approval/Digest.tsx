/** A digest, which can be broken anywhere. */
export function Digest({ text }: { readonly text: string }) {
  return <code className="digest">{text}</code>;
}
