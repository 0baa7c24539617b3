/** What all routes that take images have in common. */
import { z } from "zod";
import type { RefusalStatus } from "./http-error.ts";
import type { ContentSchema } from "./route.ts";
import type { Service } from "./service.ts";

const file = { description: "A picture file: PNG, JPEG, WebP or AVIF, of any size." };

/** Bodies with images, by media type. */
export function imageBodies({ schemas, limits }: Service): Readonly<Record<string, ContentSchema>> {
  return {
    "application/json": z.union([schemas.one, schemas.many]),
    "image/*": file,
    "application/octet-stream": file,
    "multipart/form-data": {
      type: "object",
      properties: {
        image: {
          type: "array",
          minItems: 1,
          maxItems: limits.images,
          items: { contentMediaType: "image/*" },
        },
      },
      required: ["image"],
    },
  };
}

/** The query of routes that take images. */
export function imageQuery(classes: number) {
  return z.strictObject({
    top: z.coerce
      .number()
      .pipe(z.int().min(1).max(classes))
      .default(Math.min(3, classes))
      .describe("Classes to name."),
    invert: z
      .enum(["auto", "yes", "no"])
      .default("auto")
      .describe(
        "Whether a picture file is turned round: yes if its background is light. JSON rows never are.",
      ),
  });
}

/** How a request with images can be wrong. */
export const imageRefusals: readonly RefusalStatus[] = [408, 413, 415, 422, 504];
