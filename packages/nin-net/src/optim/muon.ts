import * as z from "zod";
import { type Node, sizeOf } from "../graph/node.ts";
import { gram } from "../ops/composites/gram.ts";
import { linear } from "../ops/composites/linear.ts";
import { permute } from "../ops/permute.ts";
import { square } from "../ops/pointwise/arithmetic.ts";
import { definePointwise } from "../ops/pointwise/pointwise.ts";
import { reshape } from "../ops/reshape.ts";
import { sumAll } from "../ops/sum-all.ts";
import { accumulated, lookedAhead } from "./momentum.ts";
import { defineOptimizer, descended } from "./optimizer.ts";

const toUnitNorm = definePointwise("unitNorm", (x, squares) => x.div(squares.sqrt().add(1e-7)));
const stepScaledBy = (scale: number) =>
  definePointwise("muonStep", (w, u, lr, keep) => w.mul(keep).sub(u.mul(lr).mul(scale)));

/** Of Newton and Schulz's iteration X = a X + X (b X'X + c (X'X)^2), which bring singular values near 1 fastest. */
const [a, b, c] = [3.4445, -4.775, 2.0315];
const polynomial = definePointwise("newtonSchulzFactor", (products, squared) =>
  products.mul(b).add(squared.mul(c)),
);
const iterated = definePointwise("newtonSchulz", (x, product) => x.mul(a).add(product));

/**
 * The nearest semi-orthogonal matrix, roughly: after five steps the singular values of g [m, n] are 0.7 to 1.2, after
 * three the smallest are still on their way; its singular vectors stay.
 */
function orthogonalized(g: Node, steps: number): Node {
  const [m, n] = g.type.shape as [number, number];
  let x = m >= n ? g : transposed(g);
  x = toUnitNorm(x, sumAll(square(x)));
  for (let i = 0; i < steps; i++) {
    const products = gram(x); // [n, n]
    x = iterated(x, linear(x, polynomial(products, linear(products, products))));
  }
  return m >= n ? x : transposed(x);
}

const transposed = (x: Node) => permute(x, { axes: [1, 0] });

/**
 * Muon: steps against the momentum of a layer's gradient made orthogonal, so that all directions of the weight matrix
 * move alike, not those alone in which gradients are large. A convolution's kernel is a matrix of its output channels
 * by what each of them sees. Biases and the numbers of a normalization, a vector each, are moved by SGD with the same
 * momentum, Nesterov's, at `vectorRate` times the learning rate.
 *
 * v = momentum v + g; u = orthogonalized(g + momentum v) max(1, out / in)^0.5; w = (1 - lr weightDecay) w - lr u
 *
 * @see Jordan et al. 2024, "Muon: an optimizer for hidden layers in neural networks", https://kellerjordan.github.io/posts/muon/
 * @see https://docs.pytorch.org/docs/stable/generated/torch.optim.Muon.html, whose products are in bfloat16
 */
export const muon = defineOptimizer("muon", {
  title: "momentum made orthogonal, for the matrices of layers",
  settings: z.strictObject({
    momentum: z.number().min(0).lt(1).default(0.95).describe("of the gradients"),
    weightDecay: z
      .number()
      .min(0)
      .default(0)
      .describe("times the learning rate, the share of a layer's weight that is lost"),
    vectorRate: z
      .number()
      .positive()
      .default(1)
      .describe("times the learning rate, the rate of biases and normalization"),
    newtonSchulzSteps: z.int().min(1).default(5).describe("iterations that make the momentum orthogonal"),
  }),
  stateNames: () => ["momentum"],
  scalars: ({ momentum, weightDecay, vectorRate }, { lr }) => ({
    lr,
    momentum,
    vectorLr: lr * vectorRate,
    keep: 1 - lr * weightDecay,
  }),
  update: ({ weight, gradient, state, scalars }, { newtonSchulzSteps }) => {
    const velocity = accumulated(state.momentum!, gradient, scalars.momentum!);
    const direction = lookedAhead(gradient, velocity, scalars.momentum!);
    const { shape } = weight.type;
    const kept = { momentum: velocity };
    if (shape.length < 2) return { weight: descended(weight, direction, scalars.vectorLr!), state: kept };
    const outputs = shape.at(-1)!;
    const inputs = sizeOf(shape) / outputs;
    const matrix = reshape(direction, { shape: [inputs, outputs] });
    const u = reshape(orthogonalized(matrix, newtonSchulzSteps), { shape });
    const step = stepScaledBy(Math.sqrt(Math.max(1, outputs / inputs)));
    return { weight: step(weight, u, scalars.lr!, scalars.keep!), state: kept };
  },
});
