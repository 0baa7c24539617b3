import type { z } from "zod";
import { imageBodies, imageQuery, imageRefusals } from "../image-request.ts";
import { readImages } from "../read-images.ts";
import type { Route } from "../route.ts";
import { notesOf, predictionsSchema } from "../schemas.ts";
import type { Service } from "../service.ts";

/** `POST /v1/predict`: which classes the images are of. */
export function predictRoute(service: Service): Route {
  const { model, limits, pictures, schemas } = service;
  const query = imageQuery(model.classes.length);
  return {
    method: "POST",
    path: "/v1/predict",
    id: "predict",
    summary: "Say which class each image is of.",
    description: "One picture file as the body, several in a form, or JSON with one image or several.",
    isWork: true,
    query,
    takes: imageBodies(service),
    gives: { "application/json": predictionsSchema },
    refuses: imageRefusals,
    async answer(request, call) {
      const { top, invert } = call.query as z.infer<typeof query>;
      const { signal, body } = call;
      const images = await readImages(request, { limits, pictures, schemas, invert, signal, body });
      const results = await service.classify(
        images.map(({ pixels }) => pixels),
        signal,
      );
      const predictions = results.map(({ ranked }, n) => ({
        top: ranked.slice(0, top),
        ...notesOf(images[n]!),
      }));
      return Response.json({ predictions } satisfies z.infer<typeof predictionsSchema>);
    },
  };
}
