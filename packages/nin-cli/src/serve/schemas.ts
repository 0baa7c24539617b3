/** What requests and answers hold; the API's document is made from these. */

import { imageSize } from "nin-net";
import { z } from "zod";
import { refusals } from "./http-error.ts";

/** What stands before the base64 of a data: URL, as a canvas gives it. */
const dataUrlHead = /^\s*data:[^,]*;base64,/i;

const rows = z
  .array(z.array(z.int().min(0).max(255)).length(imageSize))
  .length(imageSize)
  .describe(
    `${imageSize} rows of ${imageSize} grey levels as in the data set: 0 is the dark background, 255 the brightest.`,
  );

const base64 = z
  .string()
  .min(1)
  .refine(isBase64, "expected base64")
  .describe(
    "A picture file in base64: plain or URL-safe, padded or not, with or without line breaks, or as a data: URL.",
  );

const image = z.union([rows, base64]);

/** One image in JSON. */
export const imageSchema = z.strictObject({ image });

/** @param most - images in a request */
export const imagesSchema = (most: number) => z.strictObject({ images: z.array(image).min(1).max(most) });

/** @throws never: {@link imageSchema} has checked the text */
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

export const predictionsSchema = z.strictObject({
  predictions: z
    .array(z.strictObject({ top: z.array(classScoreSchema).min(1).describe("Likeliest first.") }))
    .min(1)
    .describe("One for each image, in their order."),
});

export const explanationsSchema = z.strictObject({
  explanations: z
    .array(
      z.strictObject({
        input: rows.describe("What the network saw."),
        top: z
          .array(
            classScoreSchema.extend({
              score: z.number().describe("The mean of the map."),
              map: z
                .array(z.array(z.number()))
                .describe("The class's map, row after row, over the whole image."),
            }),
          )
          .min(1)
          .describe("Likeliest first."),
      }),
    )
    .min(1)
    .describe("One for each image, in their order."),
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
  const own = { path: [...above, ...issue.path], message: issue.message };
  if (issue.code !== "invalid_union") return own;
  const inner = issue.errors
    .flatMap((issues) => issues.slice(0, 1))
    .map((first) => deepest(first, own.path))
    .sort((a, b) => b.path.length - a.path.length)[0];
  if (inner === undefined || inner.path.length > own.path.length) return inner ?? own;
  return { path: own.path, message: `expected ${imageSize} rows of grey levels, or a picture in base64` };
}
