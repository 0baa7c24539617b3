/** Every op, by name. A backend's kernel table has exactly these keys. */

import { conv2d, conv2dInputGrad, conv2dWeightGrad } from "./conv2d.ts";
import type { AttrsOf } from "./define.ts";
import { relu, reluGrad } from "./relu.ts";

export const ops = { conv2d, conv2dInputGrad, conv2dWeightGrad, relu, reluGrad } as const;

export type OpName = keyof typeof ops;
export type OpAttrs<K extends OpName> = AttrsOf<(typeof ops)[K]>;
