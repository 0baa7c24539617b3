/** What the command is made of and a program of one's own may need too: picture files in and out. */
export { type DecodeOptions, decodeImage } from "./pictures/decode.ts";
export { drawingToPng } from "./pictures/png.ts";
