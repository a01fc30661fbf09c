/** Where an editor's run happens: its files with unsaved text over them, its working directory, its operator. */
import path from "node:path";
import type { FileSource } from "../../effects/seam.ts";
import type { EnvironmentName } from "../../graph/posture.ts";
import { localFiles } from "../files.ts";
import { readOperator, type OperatorResult } from "../operator.ts";

/** What an editor knows of the place of a document. */
export interface EditorPlace {
  /** The document's absolute path; `X.yaml#runner` names one runner. */
  readonly file: string;
  /** The workspace folder around it, where relative paths begin; null: the document's own folder. */
  readonly workspaceFolder: string | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The environment that was chosen in the editor; null leaves it to the configuration. */
  readonly environment: EnvironmentName | null;
  /** The unsaved text of a file that the editor holds; null for files that are as on disk. */
  readonly opened: (file: string) => string | null;
}

/** Relative paths of documents, and of what they read, begin here. */
export function workingDirectory({ workspaceFolder, file }: EditorPlace): string {
  return workspaceFolder ?? path.dirname(file);
}

/** Files as the editor shows them. */
export function openedFiles(place: EditorPlace): FileSource {
  const disk = localFiles(workingDirectory(place));
  return {
    resolve: disk.resolve.bind(disk),
    read(key) {
      const text = place.opened(key);
      return text === null ? disk.read(key) : Promise.resolve({ ok: true, bytes: new TextEncoder().encode(text) });
    },
  };
}

/** The operator for the document. */
export function operatorOf(place: EditorPlace): Promise<OperatorResult> {
  const { env, environment, workspaceFolder } = place;
  const flags = environment === null ? {} : { environment };
  const folder = path.dirname(place.file);
  return readOperator({ flags, env, cwd: workingDirectory(place), folder, workspaceFolder, opened: place.opened });
}
