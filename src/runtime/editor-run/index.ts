/** Runs of documents, for whoever shows them. */
export {
  fieldProblem,
  inputQuestion,
  payloadText,
  type InputAnswer,
  type InputField,
  type InputQuestion,
} from "./input.ts";
export type { EditorPlace } from "./place.ts";
export { recallRun, resumeEditorRun, type EditorAnswer } from "./resume.ts";
export {
  loadForRun,
  startEditorRun,
  type EditorRun,
  type EditorRunEnd,
  type EditorRunProblem,
  type LoadedForRun,
  type Started,
} from "./run.ts";
export { documentFile, type EditorKeys } from "./signing.ts";
