/** Softmax cross-entropy and accuracy, in float64 inside; a few numbers an image, so one task for all. */
import { floats, pointer, word } from "./args";

function largest(logits: usize, classes: i32): i32 {
  let best = 0;
  for (let k = 1; k < classes; k++) {
    if (load<f32>(logits + floats(k)) > load<f32>(logits + floats(best))) best = k;
  }
  return best;
}

/** The label of image n; labels are bytes or 32-bit words. */
function labelOf(n: i32, labels: usize, bytes: i32): i32 {
  return bytes == 1 ? <i32>load<u8>(labels + <usize>n) : load<i32>(labels + ((<usize>n) << 2));
}

/** log of the sum of exp(logit - shift) */
function logSum(logits: usize, classes: i32, shift: f64): f64 {
  let sum: f64 = 0;
  for (let k = 0; k < classes; k++) sum += Math.exp(<f64>load<f32>(logits + floats(k)) - shift);
  return Math.log(sum);
}

/** args: logits, labels, nats, images, classes, bytes a label */
export function crossEntropy(args: usize, _task: i32, _scratch: usize): void {
  const classes = word(args, 4);
  let logits = pointer(args, 0);
  for (let n = 0; n < word(args, 3); n++) {
    const label = labelOf(n, pointer(args, 1), word(args, 5));
    const shift = <f64>load<f32>(logits + floats(largest(logits, classes)));
    const loss = logSum(logits, classes, shift) + shift - <f64>load<f32>(logits + floats(label));
    store<f32>(pointer(args, 2) + floats(n), <f32>loss);
    logits += floats(classes);
  }
}

/** args: logits, labels, dy, gradient, images, classes, bytes a label */
export function crossEntropyGradient(args: usize, _task: i32, _scratch: usize): void {
  const classes = word(args, 5);
  let logits = pointer(args, 0);
  let to = pointer(args, 3);
  for (let n = 0; n < word(args, 4); n++) {
    const label = labelOf(n, pointer(args, 1), word(args, 6));
    const dy = <f64>load<f32>(pointer(args, 2) + floats(n));
    const shift = <f64>load<f32>(logits + floats(largest(logits, classes)));
    const total = logSum(logits, classes, shift);
    for (let k = 0; k < classes; k++) {
      const probability = Math.exp(<f64>load<f32>(logits + floats(k)) - shift - total);
      store<f32>(to + floats(k), <f32>((probability - (k == label ? 1 : 0)) * dy));
    }
    logits += floats(classes);
    to += floats(classes);
  }
}

/** args: labels, y, images, classes, bytes a label */
export function oneHot(args: usize, _task: i32, _scratch: usize): void {
  const classes = word(args, 3);
  let y = pointer(args, 1);
  for (let n = 0; n < word(args, 2); n++) {
    const label = labelOf(n, pointer(args, 0), word(args, 4));
    for (let k = 0; k < classes; k++) store<f32>(y + floats(k), k == label ? 1 : 0);
    y += floats(classes);
  }
}

/** args: logits, labels, correct, images, classes, bytes a label */
export function countCorrect(args: usize, _task: i32, _scratch: usize): void {
  const classes = word(args, 4);
  for (let n = 0; n < word(args, 3); n++) {
    const predicted = largest(pointer(args, 0) + floats(n * classes), classes);
    store<f32>(
      pointer(args, 2) + floats(n),
      predicted == labelOf(n, pointer(args, 1), word(args, 5)) ? 1 : 0,
    );
  }
}
