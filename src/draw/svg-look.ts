/** Colours and simple shapes of the SVG; the colours are those of VS Code's default themes, with AA contrast. */
import type { DrawnBadge, NodeFamily } from "./drawing.ts";

/** The colours of one theme. */
export interface Palette {
  readonly back: string;
  readonly box: string;
  readonly line: string;
  readonly text: string;
  readonly dim: string;
  readonly edge: string;
  readonly error: string;
  readonly frame: string;
  readonly families: Readonly<Record<NodeFamily, string>>;
}

/** Themes by name. */
export const palettes = {
  light: {
    back: "#ffffff",
    box: "#f8f8f8",
    line: "#c8c8c8",
    text: "#3b3b3b",
    dim: "#616161",
    edge: "#767676",
    error: "#a1260d",
    frame: "#f1f8f1",
    families: {
      input: "#1a85ff",
      transform: "#a87b00",
      intelligence: "#652d90",
      action: "#c72e0f",
      composition: "#388a34",
      control: "#c05c00",
      step: "#1a85ff",
      unknown: "#616161",
    },
  },
  dark: {
    back: "#1f1f1f",
    box: "#252526",
    line: "#454545",
    text: "#cccccc",
    dim: "#a0a0a0",
    edge: "#8b8b8b",
    error: "#f88070",
    frame: "#232b23",
    families: {
      input: "#3794ff",
      transform: "#cca700",
      intelligence: "#b180d7",
      action: "#f14c4c",
      composition: "#89d185",
      control: "#d18616",
      step: "#3794ff",
      unknown: "#9d9d9d",
    },
  },
} as const satisfies Record<string, Palette>;

/** See {@link palettes}. */
export type Theme = keyof typeof palettes;

/** Shapes of 14 by 14 pixels that stand for families; drawn with a stroke. */
export const familyShapes: Readonly<Record<NodeFamily, string>> = {
  input: "M7,1V10M3,6.5L7,10.5L11,6.5M2,13H12",
  transform: "M7,1L13,7L7,13L1,7Z",
  intelligence: "M7,1L8.6,5.4L13,7L8.6,8.6L7,13L5.4,8.6L1,7L5.4,5.4Z",
  action: "M8,1L3,8H7L6,13L11,6H7Z",
  composition: "M1,1H8V8H1ZM6,10V13H13V6H10",
  control: "M3,13V1M3,9C3,5 11,8 11,3M8.5,5L11,2L13.5,5",
  step: "M3,2L12,7L3,12Z",
  unknown: "M4.5,4.5C4.5,1 9.5,1 9.5,4.5C9.5,7 7,6.5 7,9M7,11.5V12.5",
};

/** Shapes of 12 by 12 pixels that stand for badges. */
export const badgeShapes: Readonly<Record<DrawnBadge["type"], string>> = {
  retry: "M10.5,3V6H7.5M10,6A4.5,4.5 0 1 0 10,8.5",
  on_error: "M3,11V1M3,8C3,4 9,7 9,2",
  when: "M1,2H11L7,6.5V11L5,9.5V6.5Z",
  mutation: "M1,11L2,8L9,1L11,3L4,10Z",
  idempotency: "M4,8.5A2.5,2.5 0 1 1 6,6.5L11,6.5V9M9,6.5V8.5",
};
