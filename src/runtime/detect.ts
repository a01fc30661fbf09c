/** What a file is (spec/editor.md §1), for those who see the engine through this room. */
import { associations } from "../dialects/associations.ts";
import { detect, type Detected } from "../dialects/detect.ts";

export type { Detected } from "../dialects/detect.ts";

/** What a file is, by the setting `countersign.files.associations` first. */
export function detectWith(setting: unknown, file: string, text: string): Detected | null {
  const told = associations(setting)(file);
  return told === undefined ? detect(file, text) : told;
}
