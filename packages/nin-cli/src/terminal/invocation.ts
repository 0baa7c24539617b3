import { existsSync, readFileSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";

const packageRoot = new URL("../../", import.meta.url); // of nin-cli

/** The package's version, from its package.json. */
export function packageVersion(): string {
  const text = readFileSync(new URL("package.json", packageRoot), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

/** How a person calls this program from here: `nin`, or `node bin/nin.js` in a checkout. */
export function programCall(): string {
  const isCheckout = existsSync(new URL("src/", packageRoot));
  if (!isCheckout) return "nin";
  return `node ${relative(process.cwd(), fileURLToPath(new URL("../../bin/nin.js", packageRoot)))}`;
}
