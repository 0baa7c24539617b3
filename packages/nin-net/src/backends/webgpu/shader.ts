/** What all WGSL kernels share: how their buffers, sizes and threads are declared. */
import type { Buffer } from "./dispatch.ts";

/** How a kernel sees a buffer: floats one by one, by twos or by fours; or words (counters, or four bytes each). */
type View = "f32" | "vec2f" | "vec4f" | "u32";

/**
 * A buffer under the name that a kernel has for it. Where the buffer holds 16-bit floats, kernels still see float32:
 * they are widened when read and rounded when stored, by built-in functions that need no feature of the GPU.
 */
export class Binding {
  readonly name: string;
  readonly buffer: Buffer;
  readonly view: View;

  constructor(name: string, buffer: Buffer, view: View) {
    this.name = name;
    this.buffer = buffer;
    this.view = view;
  }

  /** What memory holds, as WGSL. */
  get element(): string {
    if (!this.buffer.f16) return this.view;
    return this.view === "vec4f" ? "vec2u" : "u32";
  }

  /** What {@link stored} values are multiplied by; a power of two. */
  get scale(): number {
    return this.buffer.f16?.scale ?? 1;
  }

  /** The value at an index, in units of the view. */
  at(index: string): string {
    return times(this.stored(index), 1 / this.scale);
  }

  /** The value at an index, times the buffer's {@link scale}. */
  stored(index: string): string {
    const { name, view } = this;
    if (!this.buffer.f16) return `${name}[${index}]`;
    switch (view) {
      case "f32":
        return `unpack2x16float(${name}[(${index}) / 2u])[(${index}) % 2u]`;
      case "vec2f":
        return `unpack2x16float(${name}[${index}])`;
      case "vec4f":
        return `unpackF16(${name}[${index}])`;
      default:
        throw new TypeError(`${name}: words are no floats`);
    }
  }

  /** A statement that stores a value. */
  put(index: string, value: string): string {
    const { name, view } = this;
    if (!this.buffer.f16) return `${name}[${index}] = ${value};`;
    const scaled = times(`(${value})`, this.scale);
    switch (view) {
      case "vec2f":
        return `${name}[${index}] = pack2x16float(clampToF16(${scaled}));`;
      case "vec4f":
        return `${name}[${index}] = packF16(${scaled});`;
      default:
        // Two threads would write one word.
        throw new TypeError(`${name}: 16-bit floats are stored by twos or fours`);
    }
  }
}

function times(value: string, factor: number): string {
  return factor === 1 ? value : `${value} * ${real(factor)}`;
}

/** Packing a number beyond the largest 16-bit float may give anything, so that such numbers become that one. */
const f16Functions = `
const largestF16 = 65504.0;
fn clampToF16(v: vec2f) -> vec2f { return clamp(v, vec2f(-largestF16), vec2f(largestF16)); }
fn unpackF16(w: vec2u) -> vec4f { return vec4f(unpack2x16float(w.x), unpack2x16float(w.y)); }
fn packF16(v: vec4f) -> vec2u {
  let w = clamp(v, vec4f(-largestF16), vec4f(largestF16));
  return vec2u(pack2x16float(w.xy), pack2x16float(w.zw));
}`;

export interface ShaderParts {
  readonly reads?: readonly Binding[];
  /** Read and written. */
  readonly writes: readonly Binding[];
  /** What stands first in a module, as `enable f16`; the device has the feature. */
  readonly directives?: readonly string[];
  /** Functions, constants and workgroup memory. */
  readonly declarations?: string;
  /** Built-in values that the body takes besides, as parameters of the entry point. */
  readonly builtins?: readonly string[];
  /**
   * Runs for each thread, or for each workgroup's thread if `groupThreads` is given. It finds `id`, the thread's index, `local`,
   * its index in the workgroup, `group`, the workgroup's index, and `n`, the four sizes that differ between slices.
   */
  readonly body: string;
  /** Threads a workgroup; default {@link workgroupSize}. */
  readonly groupThreads?: number;
}

export const workgroupSize = 64;

/** A whole WGSL module; bindings in the order reads, writes, sizes. */
export function shader({
  reads = [],
  writes,
  directives = [],
  declarations = "",
  builtins = [],
  body,
  groupThreads = workgroupSize,
}: ShaderParts): string {
  const bindings = [
    ...reads.map(({ name, element }) => `var<storage, read> ${name}: array<${element}>;`),
    ...writes.map(({ name, element }) => `var<storage, read_write> ${name}: array<${element}>;`),
    "var<uniform> n: vec4u;",
  ].map((declaration, i) => `@group(0) @binding(${i}) ${declaration}`);
  const parameters = [
    "@builtin(workgroup_id) workgroup: vec3u",
    "@builtin(num_workgroups) groups: vec3u",
    "@builtin(local_invocation_index) local: u32",
    ...builtins,
  ];
  const hasF16 = [...reads, ...writes].some(({ buffer }) => buffer.f16);
  return `${directives.map((directive) => `${directive};\n`).join("")}${bindings.join("\n")}
${hasF16 ? f16Functions : ""}
${declarations}
@compute @workgroup_size(${groupThreads})
fn main(${parameters.join(", ")}) {
  let group = workgroup.x + workgroup.y * groups.x;
  let id = group * ${groupThreads}u + local;
  _ = n.x;
  ${body}
}
`;
}

export const floats = (name: string, buffer: Buffer): Binding => new Binding(name, buffer, "f32");
export const pairs = (name: string, buffer: Buffer): Binding => new Binding(name, buffer, "vec2f");
export const vectors = (name: string, buffer: Buffer): Binding => new Binding(name, buffer, "vec4f");
export const words = (name: string, buffer: Buffer): Binding => new Binding(name, buffer, "u32");

/** A float32 literal. */
export function real(value: number): string {
  const rounded = Math.fround(value);
  if (!Number.isFinite(rounded)) throw new RangeError(`WGSL has no literal for ${value}`);
  return Number.isInteger(rounded) && Math.abs(rounded) < 1e15 ? rounded.toFixed(1) : String(rounded);
}

/** Byte `index` of an array of words. */
export function byteAt(name: string, index: string): string {
  return `((${name}[(${index}) / 4u] >> (8u * ((${index}) % 4u))) & 0xffu)`;
}
