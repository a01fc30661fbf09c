/** An SVG as PNG, made by the page itself: an image of a data URL on a canvas, which its content policy allows. */

/** Pixels of the picture for one of the drawing; large drawings get fewer, so that the picture stays below the limit. */
const SHARPNESS = 2;
/** Longest side of a picture that browsers make. */
const MAX_SIDE = 16_000;
/** Largest picture in pixels. */
const MAX_PIXELS = 120_000_000;

/** The picture in base 64. Rejects when the browser cannot make it. */
export async function pngOf(svg: string): Promise<string> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const { naturalWidth: width, naturalHeight: height } = image;
  const most = Math.min(MAX_SIDE / Math.max(width, height), Math.sqrt(MAX_PIXELS / (width * height)));
  const scale = Math.min(SHARPNESS, most);
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.floor(width * scale));
  canvas.height = Math.max(1, Math.floor(height * scale));
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("this browser draws no pictures");
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  const [, data] = canvas.toDataURL("image/png").split(",", 2);
  if (data === undefined || data === "") throw new Error("the picture is too large");
  return data;
}
