/**
 * A part of the manifest: what one feature of the extension contributes to VS Code. Each feature keeps its own beside
 * its code (`approvals/manifest.ts`, …); `manifest.ts` puts them together.
 */

/** A command by its name in VS Code, with the title that people see. */
export interface CommandInfo {
  readonly id: string;
  readonly title: string;
  readonly icon?: string;
}

/** What a feature contributes. All of it is data of VS Code's manifest; keys of `menus` and `views` are VS Code's places. */
export interface ManifestPart {
  readonly commands?: Readonly<Record<string, CommandInfo>>;
  readonly keybindings?: readonly object[];
  readonly menus?: Readonly<Record<string, readonly object[]>>;
  /** Views of the activity bar's container {@link CONTAINER}, in order. */
  readonly views?: readonly object[];
  readonly viewsWelcome?: readonly object[];
  readonly customEditors?: readonly object[];
  readonly walkthroughs?: readonly object[];
  readonly languageModelTools?: readonly object[];
  /** Properties of the settings, by full name. */
  readonly settings?: Readonly<Record<string, object>>;
  /** Events beside those that VS Code derives from the above by itself. */
  readonly activationEvents?: readonly string[];
}

/** The one container of the activity bar. */
export const CONTAINER = "countersign";

/** The command as the manifest declares it. */
export function declared({ id, title, icon }: CommandInfo): object {
  return { command: id, title, category: "Countersign", ...(icon === undefined ? {} : { icon }) };
}

/** Menus of several parts, by place. */
export function mergedMenus(parts: readonly ManifestPart[]): Record<string, readonly object[]> {
  const menus: Record<string, readonly object[]> = {};
  for (const part of parts)
    for (const [place, items] of Object.entries(part.menus ?? {})) menus[place] = [...(menus[place] ?? []), ...items];
  return menus;
}
