import { programCall } from "./invocation.ts";

/** The last lines of every help: how it is called from here. */
export function examples(...calls: readonly string[]): string {
  const heading = calls.length > 1 ? "Examples:" : "Example:";
  return `\n${heading}\n${calls.map((words) => `  ${programCall()} ${words}`).join("\n")}`;
}
