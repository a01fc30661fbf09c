/** Which names of catalog tools are admissible (spec/skill-graph.md §2.7). */

/** Why a tool reference is refused; null when it is admissible. */
export function toolRefProblem(text: string): string | null {
  const value = text.trim();
  if (value === "") return "tool ref must not be empty";
  if (value.startsWith("/") || value.startsWith("\\")) return "tool ref must not be an absolute path";
  if (/[/\\]|\.\./.test(value)) return "tool ref must not contain path traversal or separators";
  if (/\.(?:json|yaml|yml|toml)$/i.test(value)) return "tool ref must not look like a manifest or data file path";
  const segments = value.split(".");
  if (segments.length < 2) return "tool ref must include a namespace, for example fs.read";
  if (!segments.every((one) => /^[A-Za-z0-9_-]+$/.test(one))) {
    return "tool ref segments must contain only letters, numbers, hyphens, or underscores";
  }
  return null;
}
