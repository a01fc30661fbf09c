/** A small, strict reader of the XML that drawings are written in: tags, attributes and escaped text. */
export class XMLParser {
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** The names of all elements. Throws where the text is not well-formed. */
  elements(): ReadonlySet<string> {
    const names = new Set<string>();
    const open: string[] = [];
    const token = /<(\/?)([a-z]+)((?: [a-zA-Z:-]+="[^"<]*")*)(\/?)>|([^<]+)/gy;
    let at = 0;
    for (let found = token.exec(this.text); found !== null; found = token.exec(this.text)) {
      at = token.lastIndex;
      const [, closes, name = "", attributes = "", empty, words = ""] = found;
      if (/&(?!amp;|lt;|gt;|quot;|#39;)/.test(attributes + words)) throw new Error("a bare ampersand");
      if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/u.test(words + attributes))
        throw new Error("a character that XML forbids");
      if (name === "") continue;
      names.add(name);
      if (closes === "/") {
        if (open.pop() !== name) throw new Error(`</${name}> closes nothing`);
      } else if (empty !== "/") open.push(name);
    }
    if (at !== this.text.length || open.length > 0) throw new Error(`not well-formed at ${at}`);
    return names;
  }
}
