import { NinError } from "../../core/errors.ts";

const pageBytes = 65536;
const alignment = 64;
/** Vector loads may read past the end of a tensor, never past this. */
const slackBytes = 65536;
/** What lies below belongs to the kernels' constants. */
const firstAddress = 65536;

const initialPages = 16;
/** 4 GiB, as much as 32 bits can address; and what is still worth having, 64 MiB. */
const [mostPages, fewestPages] = [65536, 1024];

/** A memory that is shared reserves all that it may ever have: under a limit (`ulimit -v`) what can be had. */
function reserveMemory(shared: boolean): WebAssembly.Memory {
  for (let maximum = mostPages; ; maximum /= 2) {
    try {
      return new WebAssembly.Memory(
        shared ? { initial: initialPages, maximum, shared } : { initial: initialPages },
      );
    } catch (cause) {
      if (shared && maximum > fewestPages) continue;
      throw new NinError(
        "The CPU backend cannot reserve memory for WebAssembly, for which engines want some 10 GB of address space. " +
          "Raise its limit (ulimit -v), use a later Node, or start Node with --disable-wasm-trap-handler.",
        { cause },
      );
    }
  }
}

/** Hands out blocks of a WebAssembly memory, 64-byte aligned; first fit, neighbouring free blocks are joined. */
export class LinearMemory {
  readonly memory: WebAssembly.Memory;
  readonly shared: boolean;
  /** Free blocks by address, in order. */
  readonly #free: { address: number; bytes: number }[] = [];
  readonly #used = new Map<number, number>();
  #end = firstAddress;

  /** @throws NinError if the system has no room for it */
  constructor(shared: boolean) {
    this.shared = shared;
    this.memory = reserveMemory(shared);
  }

  /** Bytes handed out and not given back. */
  get usedBytes(): number {
    let sum = 0;
    for (const bytes of this.#used.values()) sum += bytes;
    return sum;
  }

  /** @returns the address of a block of at least `bytes` bytes, contents undefined */
  allocate(bytes: number): number {
    const size = Math.max(alignment, Math.ceil(bytes / alignment) * alignment);
    const at = this.#free.findIndex((block) => block.bytes >= size);
    let address: number;
    if (at >= 0) {
      const block = this.#free[at]!;
      address = block.address;
      if (block.bytes === size) this.#free.splice(at, 1);
      else this.#free[at] = { address: address + size, bytes: block.bytes - size };
    } else {
      address = this.#end;
      this.#growTo(address + size + slackBytes);
      this.#end += size;
    }
    this.#used.set(address, size);
    return address;
  }

  /** Gives a block back. */
  release(address: number): void {
    const bytes = this.#used.get(address);
    if (bytes === undefined) throw new NinError(`No block of memory starts at ${address}.`);
    this.#used.delete(address);
    const after = this.#free.findIndex((block) => block.address > address);
    const at = after < 0 ? this.#free.length : after;
    this.#free.splice(at, 0, { address, bytes });
    this.#join(at);
    if (at > 0) this.#join(at - 1);
  }

  #join(at: number): void {
    const block = this.#free[at];
    const next = this.#free[at + 1];
    if (block === undefined || next === undefined || block.address + block.bytes !== next.address) return;
    this.#free.splice(at, 2, { address: block.address, bytes: block.bytes + next.bytes });
  }

  #growTo(bytes: number): void {
    const missing = Math.ceil((bytes - this.memory.buffer.byteLength) / pageBytes);
    if (missing <= 0) return;
    try {
      this.memory.grow(missing);
    } catch {
      throw new NinError(
        `The CPU backend needs ${Math.round(bytes / 1e6)} MB of memory and cannot get them. ` +
          "Use a smaller slice or network, dispose of programs that are no longer used, or raise the limit on memory.",
      );
    }
  }

  /** Views of the memory as it is now; growing replaces them. */
  floats(address: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, address, length);
  }

  bytes(address: number, length: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, address, length);
  }

  words(address: number, length: number): Uint32Array {
    return new Uint32Array(this.memory.buffer, address, length);
  }
}
