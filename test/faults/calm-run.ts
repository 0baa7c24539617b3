import assert from "node:assert/strict";
import { join } from "node:path";
import { tinyRun } from "./child.js";
import { bitsOf } from "./run-bits.js";
import { ScratchFolder } from "./tiny-folder.js";

/** The run that nothing happens to, and room for those that something happens to. */
export class CalmRun extends ScratchFolder {
  bits: object = {};
  milliseconds = 0;

  static async make(): Promise<CalmRun> {
    const calm = new CalmRun();
    const path = calm.folder("calm");
    const { status, stderr, milliseconds } = await tinyRun(path, "begin", 2);
    assert.deepEqual([status, stderr], [0, ""]);
    calm.bits = await bitsOf(path);
    calm.milliseconds = milliseconds;
    return calm;
  }

  folder(name: string): string {
    return join(this.path, name);
  }

  /** Resumes a run and compares its end with the calm one's. */
  async checkResumed(path: string, threads: number): Promise<void> {
    const { status, stderr } = await tinyRun(path, "resume", threads);
    assert.deepEqual([status, stderr], [0, ""], path);
    assert.deepEqual(await bitsOf(path), this.bits, path);
  }
}
