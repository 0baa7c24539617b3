import { cpSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";

/** Copies the built packages into an empty folder, where one may be changed; `bin/nin.js` there is the command. */
export function copyPackages(root: string, options: { readonly without?: string } = {}): void {
  const parts = ["nin-net", "nin-cli"].flatMap((name) =>
    ["dist", "package.json"].map((part) => join("packages", name, part)),
  );
  for (const name of ["bin", "package.json", join("packages", "nin-cli", "bin"), ...parts]) {
    cpSync(name, join(root, name), { recursive: true });
  }
  mkdirSync(join(root, "node_modules"));
  for (const name of readdirSync("node_modules")) {
    const isOfThisCheckout = name === "nin-net" || name === "nin-cli";
    const target = isOfThisCheckout ? join(root, "packages", name) : resolve("node_modules", name);
    if (name !== options.without) symlinkSync(target, join(root, "node_modules", name));
  }
}
