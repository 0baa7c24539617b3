import type { NpmSource } from "#nin-net/data/definition.js";
import { runNpm } from "#nin-net/data/npm/npm-client.js";
import { TemporaryFolder } from "../fixtures.js";

/** Why the package cannot be had here, or false. */
export async function whyNotFromNpm({ name, version }: NpmSource): Promise<string | false> {
  using folder = new TemporaryFolder();
  try {
    await runNpm(["view", `${name}@${version}`, "version"], { cwd: folder.path, seconds: 10 });
    return false;
  } catch (error) {
    return `npm does not have ${name}@${version} here: ${(error as Error).message}`;
  }
}
