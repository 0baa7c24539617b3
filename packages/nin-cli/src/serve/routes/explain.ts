import type { z } from "zod";
import { HttpError } from "../http-error.ts";
import { imageBodies, imageQuery, imageRefusals } from "../image-request.ts";
import { readImages } from "../read-images.ts";
import type { Route } from "../route.ts";
import { explanationsSchema, notesOf, parts, rowsOf } from "../schemas.ts";
import type { Service } from "../service.ts";

/** `POST /v1/explain`: what in the images speaks for which class. */
export function explainRoute(service: Service): Route {
  const { model, limits, pictures, schemas } = service;
  const query = imageQuery(model.classes.length);
  const answerSchema = explanationsSchema(schemas);
  return {
    method: "POST",
    path: "/v1/explain",
    id: "explain",
    summary: "Say what in each image speaks for its likeliest classes.",
    description:
      "The network's last layers average one map a class: where a map is high, the image looks like that class. " +
      "The mean of a map is the class's score; the scores' softmax gives the probabilities. " +
      "Asked for with Accept: image/png, the answer is a drawing of it.",
    isWork: true,
    query,
    takes: imageBodies(service),
    gives: {
      "application/json": answerSchema,
      "image/png": { description: "A drawing of one image's explanation." },
    },
    refuses: imageRefusals,
    async answer(request, call) {
      const { top, invert } = call.query as z.infer<typeof query>;
      const { signal, body } = call;
      if (model.whyNoMaps !== undefined) {
        throw new HttpError(
          422,
          `This network's scores are not averages of class maps: ${model.whyNoMaps} Ask /v1/predict instead.`,
        );
      }
      const images = await readImages(request, { limits, pictures, schemas, invert, signal, body });
      const results = await service.classify(
        images.map(({ pixels }) => pixels),
        signal,
      );
      if (wantsPng(request)) {
        if (images.length > 1) {
          throw new HttpError(422, `Got ${images.length} images, expected one for a drawing.`);
        }
        const png = await pictures.draw(results[0]!, images[0]!.pixels, signal);
        return new Response(Uint8Array.from(png), { headers: { "Content-Type": "image/png" } });
      }
      const explanations = results.map(({ ranked, logits, maps }, n) => ({
        input: rowsOf(images[n]!.pixels, model.image),
        top: ranked.slice(0, top).map((one) => {
          const map = maps[one.index]!;
          return { ...one, score: logits[one.index]!, map: parts(map.data, map.width) };
        }),
        ...notesOf(images[n]!),
      }));
      return Response.json({ explanations } satisfies z.infer<typeof answerSchema>);
    },
  };
}

/** JSON unless the caller names PNG. */
function wantsPng(request: Request): boolean {
  return /(?:^|,)\s*image\/png\s*(?:[,;]|$)/i.test(request.headers.get("accept") ?? "");
}
