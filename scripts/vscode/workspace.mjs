/** Makes the folder that a VS Code of tests opens: documents of ours and of other people, nothing that names us yet. */
import { cp, mkdir, writeFile } from "node:fs/promises";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "../..");

/** Examples that tests open; `countersign.toml` stays away, because it alone activates the extension. */
const examples = [
  "release-gate",
  "hello-graph",
  "hello-world",
  "pipeline-notify",
  "fan-out-quorum",
  "support-router",
  "map-accounts",
];

const foreign = {
  "notes.txt": "Nothing of ours.\n",
  "Cargo.toml": '[package]\nname = "other"\nversion = "0.1.0"\n\n[dependencies]\nserde = "1"\n',
  ".github/workflows/build.yml":
    "on: push\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n      - run: make\n      - uses: actions/checkout@v4\n",
  "azure-pipelines.yml": "trigger:\n  - main\nsteps:\n  - script: make\n    displayName: Build\n",
  "cloudbuild.yaml": "steps:\n  - name: gcr.io/cloud-builders/docker\n    args: [build, .]\n",
  ".buildkite/pipeline.yml": "steps:\n  - command: make\n    label: build\n",
};

/** Gives the folder. */
export async function makeWorkspace(folder) {
  await mkdir(folder, { recursive: true });
  for (const name of examples) {
    const from = path.join(root, "examples", name);
    await cp(from, path.join(folder, name), { recursive: true, filter: (file) => !file.includes("/.countersign") });
  }
  for (const [name, text] of Object.entries(foreign)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), text);
  }
  return folder;
}
