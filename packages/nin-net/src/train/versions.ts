/** Version of this package; a test holds it equal to package.json. */
export const packageVersion = "0.1.0";

/** Versions of what runs: this package, and Node.js or the browser's name. */
export function versions(): Readonly<Record<string, string>> {
  const own = { "nin-net": packageVersion };
  const runtime = (globalThis as { process?: { versions?: { node?: string } } }).process?.versions?.node;
  if (runtime !== undefined) return { ...own, node: runtime };
  return typeof navigator === "undefined" ? own : { ...own, browser: navigator.userAgent };
}
