/** What the extension contributes for the editor's keys. None of its commands signs anything. */
import type { ManifestPart } from "../manifest-part.ts";

/** Commands by name. */
export const keyCommands = {
  makeKey: { id: "countersign.makeKey", title: "Make a Signing Key…" },
  showKeys: { id: "countersign.showKeys", title: "Show My Signing Keys…", icon: "$(key)" },
  exportKeys: { id: "countersign.exportKeys", title: "Export My Public Keys…" },
  trustKeys: { id: "countersign.trustKeys", title: "Trust Public Keys of Others…" },
  deleteKey: { id: "countersign.deleteKey", title: "Delete a Signing Key…" },
} as const;

/** See the header. */
export const keysPart: ManifestPart = { commands: keyCommands };
