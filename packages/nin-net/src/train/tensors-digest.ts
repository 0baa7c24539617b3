import type { Tensor } from "../core/tensor.ts";

/** Tells weights apart: SHA-256 over the bytes of all tensors, in order, in hexadecimal. */
export async function tensorsDigest(tensors: Readonly<Record<string, Tensor>>): Promise<string> {
  const all = Object.values(tensors);
  const values = new Float32Array(all.reduce((length, { data }) => length + data.length, 0));
  let at = 0;
  for (const { data } of all) {
    values.set(data, at);
    at += data.length;
  }
  const digest = await crypto.subtle.digest("SHA-256", values);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
