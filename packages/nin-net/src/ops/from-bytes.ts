import type { Node } from "../graph/node.ts";
import { defineOp } from "../graph/op.ts";
import { dtype } from "./check.ts";

/** Bytes as numbers in 0..1: x / 255, as torchvision's ToTensor has it. x u8 [...] -> y f32 [...] */
export const fromBytes = defineOp<[x: Node]>("fromBytes", {
  infer: ([x]) => {
    dtype("fromBytes", x, "u8");
    return { shape: x.shape, dtype: "f32" };
  },
  reference: ([x]) => x.data.map((value) => value / 255),
  linear: true,
});
