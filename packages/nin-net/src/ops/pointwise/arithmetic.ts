/** Arithmetic that several layers and optimizers share. */
import { definePointwise } from "./pointwise.ts";

export const subtract = definePointwise("subtract", (x, y) => x.sub(y));
export const square = definePointwise("square", (x) => x.mul(x));
