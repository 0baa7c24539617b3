import { NinError } from "nin-net";

/**
 * Loads the image library when the first image comes, so that everything else starts without it.
 *
 * @throws NinError if there is none for this machine
 */
export async function loadSharp(): Promise<typeof import("sharp")["default"]> {
  try {
    return (await import("sharp")).default;
  } catch (cause) {
    throw new NinError(
      `Images need the package sharp, which does not load on ${process.platform} ${process.arch}. ` +
        "Install it: npm install sharp.",
      { cause },
    );
  }
}
