/** What requests and answers hold; the API's document is made from these. */
import { expectationOf, type PictureNote } from "nin-net";
import { z } from "zod";
import { refusals } from "./http-error.ts";
import type { ImageShape } from "./model.ts";

/** What stands before the base64 of a data: URL, as a canvas gives it. */
const dataUrlHead = /^\s*data:[^,]*;base64,/i;

const base64 = z
  .string()
  .min(1)
  .refine(isBase64, "expected base64")
  .describe(
    "A picture file in base64: plain or URL-safe, padded or not, with or without line breaks, or as a data: URL.",
  );

/** Rows of grey levels, or of pixels with a level for each channel. */
export type Rows = number[][] | number[][][];

/** Images in JSON. */
export interface ImageSchemas {
  /** An image of the size that the network takes. */
  readonly rows: z.ZodType<Rows>;
  /** A request with one image. */
  readonly one: z.ZodObject<{ image: z.ZodType<Rows | string> }>;
  /** A request with several images. */
  readonly many: z.ZodObject<{ images: z.ZodType<(Rows | string)[]> }>;
}

/**
 * @param shape - what the network takes
 * @param most - images in a request
 */
export function imageSchemas({ channels, height, width }: ImageShape, most: number): ImageSchemas {
  const level = z.int().min(0).max(255);
  const rowsOf = <T extends z.ZodType>(pixel: T) => z.array(z.array(pixel).length(width)).length(height);
  const rows =
    channels === 1
      ? rowsOf(level).describe(
          `${height} rows of ${width} grey levels as in the data set: 0 is black, 255 white.`,
        )
      : rowsOf(z.array(level).length(channels)).describe(
          `${height} rows of ${width} pixels as in the data set: red, green and blue, each 0 to 255.`,
        );
  const kind = channels === 1 ? "grey levels" : "pixels";
  const image = z.union([rows, base64], {
    error: `expected ${height} rows of ${kind}, or a picture in base64`,
  });
  return {
    rows,
    one: z.strictObject({ image }),
    many: z.strictObject({ images: z.array(image).min(1).max(most) }),
  };
}

/** The levels of an image, row after row, the channels of a pixel together. */
export function bytesOf(rows: Rows): Uint8Array {
  return Uint8Array.from(rows.flat(2) as number[]);
}

/** An image as JSON has it. */
export function rowsOf(pixels: Uint8Array, { channels, width }: ImageShape): Rows {
  const lines = parts(pixels, width * channels);
  return channels === 1 ? lines : lines.map((line) => parts(line, channels));
}

/** Cuts values into pieces of the same length. */
export function parts(values: ArrayLike<number>, length: number): number[][] {
  return Array.from({ length: values.length / length }, (_, row) =>
    Array.from({ length }, (_, column) => values[row * length + column]!),
  );
}

/** @throws never: {@link imageSchemas} have checked the text */
export function decodeBase64(text: string): Uint8Array {
  return Buffer.from(text.replace(dataUrlHead, ""), "base64"); // reads both alphabets and skips white space
}

function isBase64(text: string): boolean {
  return /^[\w+/-]+={0,2}$/.test(text.replace(dataUrlHead, "").replace(/\s/g, ""));
}

/** A class and how likely it is. */
export const classScoreSchema = z.strictObject({
  index: z.int().min(0).describe("The class's number in the data set."),
  name: z.string().describe("The class's name."),
  probability: z.number().min(0).max(1),
});

const noteCodes = ["uneven-background", "not-trimmed"] as const satisfies PictureNote["code"][];

const notesSchema = z
  .array(
    z.strictObject({
      code: z.enum(noteCodes).describe("One or two words a kind."),
      message: z.string().min(1).describe("What was found and what to do."),
    }),
  )
  .min(1)
  .optional()
  .describe("Why the answer about a picture file may be wrong; left out where nothing speaks for it.");

/** The notes of an answer about an image; nothing where there are none. */
export function notesOf({ notes }: { readonly notes: readonly PictureNote[] }): { notes?: PictureNote[] } {
  return notes.length > 0 ? { notes: [...notes] } : {};
}

export const predictionsSchema = z.strictObject({
  predictions: z
    .array(
      z.strictObject({
        top: z.array(classScoreSchema).min(1).describe("Likeliest first."),
        notes: notesSchema,
      }),
    )
    .min(1)
    .describe("One for each image, in their order."),
});

export function explanationsSchema({ rows }: ImageSchemas) {
  return z.strictObject({
    explanations: z
      .array(
        z.strictObject({
          input: rows.describe("What the network saw."),
          top: z.array(explainedClassSchema).min(1).describe("Likeliest first."),
          notes: notesSchema,
        }),
      )
      .min(1)
      .describe("One for each image, in their order."),
  });
}

const explainedClassSchema = classScoreSchema.extend({
  score: z.number().describe("The mean of the map."),
  map: z.array(z.array(z.number())).describe("The class's map, row after row, over the whole image."),
});

export const errorSchema = z.strictObject({
  error: z.strictObject({
    status: z.int().describe("The answer's status."),
    code: z.enum(Object.values(refusals)).describe("One word a status."),
    message: z.string().min(1).describe("One or two sentences for a person."),
  }),
});

export const healthSchema = z.strictObject({ status: z.literal("ok") });

/** Where a value is wrong, and how, in one sentence. */
export function firstIssue(error: z.ZodError, within?: string): string {
  const issue = deepest(error.issues[0]!, []);
  const place = issue.path.reduce<string>(
    (text, key) =>
      typeof key === "number" ? `${text}[${key}]` : text === "" ? String(key) : `${text}.${String(key)}`,
    "",
  );
  const where = [within, place].filter(Boolean).join(", ") || "The body";
  return `${where}: ${issue.message.replace(/\.?$/, ".")}`;
}

type Issue = z.core.$ZodIssue;

/** Of a union, what is wrong with the alternative that fits best: the one whose first issue lies deepest. */
function deepest(issue: Issue, above: readonly PropertyKey[]): { path: PropertyKey[]; message: string } {
  const own = { path: [...above, ...issue.path], message: expectationOf(issue) };
  if (issue.code !== "invalid_union") return own;
  const inner = issue.errors
    .flatMap((issues) => issues.slice(0, 1))
    .map((first) => deepest(first, own.path))
    .sort((a, b) => b.path.length - a.path.length)[0];
  return inner !== undefined && inner.path.length > own.path.length ? inner : own;
}
