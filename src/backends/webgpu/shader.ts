/** What all WGSL kernels share: how their buffers, sizes and threads are declared. */

/** What a binding holds: floats, vectors of four floats, or words (counters, or four bytes each). */
export type Element = "f32" | "vec4f" | "u32";

export interface Binding {
  readonly name: string;
  readonly element: Element;
}

export interface ShaderParts {
  readonly reads?: readonly Binding[];
  /** Read and written. */
  readonly writes: readonly Binding[];
  /** Functions, constants and workgroup memory. */
  readonly declarations?: string;
  /**
   * Runs for each thread, or for each workgroup's thread if `threads` is given. It finds `id`, the thread's index, `local`,
   * its index in the workgroup, `group`, the workgroup's index, and `n`, the four sizes that differ between slices.
   */
  readonly body: string;
  /** Threads a workgroup; default {@link groupSize}. */
  readonly threads?: number;
}

export const groupSize = 64;

/** A whole WGSL module; bindings in the order reads, writes, sizes. */
export function shader({
  reads = [],
  writes,
  declarations = "",
  body,
  threads = groupSize,
}: ShaderParts): string {
  const bindings = [
    ...reads.map(({ name, element }) => `var<storage, read> ${name}: array<${element}>;`),
    ...writes.map(({ name, element }) => `var<storage, read_write> ${name}: array<${element}>;`),
    "var<uniform> n: vec4u;",
  ].map((declaration, i) => `@group(0) @binding(${i}) ${declaration}`);
  return `${bindings.join("\n")}
${declarations}
@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let group = workgroup.x + workgroup.y * groups.x;
  let id = group * ${threads}u + local;
  _ = n.x;
  ${body}
}
`;
}

export const floats = (name: string): Binding => ({ name, element: "f32" });
export const vectors = (name: string): Binding => ({ name, element: "vec4f" });
export const words = (name: string): Binding => ({ name, element: "u32" });

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
