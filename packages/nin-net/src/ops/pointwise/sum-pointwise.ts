import { type Node, sizeOf, type TensorType } from "../../graph/node.ts";
import { defineOp, type Op } from "../../graph/op.ts";
import { lastLength } from "../check.ts";
import { type PointwiseAttrs, pointwise } from "./pointwise.ts";

type PointwiseInputs = readonly [x: Node, ...others: Node[]];

/**
 * Sums an expression over everything but the channels, without a tensor of its values: sumPixels(pointwise(...)).
 *
 * x [..., C], others each [..., C], [1] or [C] -> y [C]
 *
 * @throws ShapeError as `pointwise`
 */
export const sumPointwise: Op<PointwiseInputs, PointwiseAttrs> = defineOp("sumPointwise", {
  infer: (types, attrs) => {
    const { shape } = pointwise.infer(types, attrs);
    return { shape: [lastLength(attrs.name, shape)], dtype: "f32" };
  },
  reference: (inputs, attrs, shape) => {
    const y = new Float64Array(sizeOf(shape));
    pointwise.reference(inputs, attrs, inputs[0].shape).forEach((value, i) => {
      y[i % y.length]! += value;
    });
    return y;
  },
  cost: (types, attrs) => {
    const x: TensorType = types[0];
    return { flops: pointwise.cost!(types, attrs, x).flops + sizeOf(x.shape) };
  },
  sumsImages: true,
});
