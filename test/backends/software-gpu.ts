/** A GPU for tests that a CPU plays: SwiftShader, which comes with Debian's chromium. */
import { existsSync } from "node:fs";
import { gpuAccess, requestAdapter } from "#nin-net/backends/webgpu/adapter.js";
import { NinError } from "#nin-net/core/errors.js";

const swiftShader = "/usr/lib/chromium/vk_swiftshader_icd.json";

/** Why there is no GPU to test on, or false. Looks for SwiftShader where nothing else is asked for. */
export async function noGpu(): Promise<string | false> {
  if (process.env.VK_ICD_FILENAMES === undefined && existsSync(swiftShader)) {
    process.env.VK_ICD_FILENAMES = swiftShader;
  }
  try {
    const options = { allowSoftware: true };
    await requestAdapter(await gpuAccess(options), options);
    return false;
  } catch (error) {
    if (!(error instanceof NinError)) throw error;
    return `${error.message} For SwiftShader, install Debian's chromium and libvulkan1.`;
  }
}

/** What a child process needs in its environment to find the GPU that this one does; ask for it after {@link noGpu}. */
export function gpuEnvironment(): Readonly<Record<string, string>> {
  const names = ["VK_ICD_FILENAMES", "LD_LIBRARY_PATH"];
  const found = names.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  });
  // Mesa's layer complains on stderr where there is no screen.
  return { ...Object.fromEntries(found), NODEVICE_SELECT: "1" };
}
