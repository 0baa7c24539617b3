import { readFileSync } from "node:fs";
import { parse as parseYaml } from "yaml";

/**
 * What a file holds in JSON, or with the ending .yaml or .yml in YAML.
 *
 * @throws Error saying why it cannot be read, in words that go on after a colon
 */
export function readJsonOrYaml(path: string): unknown {
  try {
    const text = readFileSync(path, "utf8");
    return /\.ya?ml$/i.test(path) ? parseYaml(text) : JSON.parse(text);
  } catch (error) {
    // YAML's messages go on with a drawing of the place.
    const [reason] = (error as Error).message.split(/[.:]?\n/);
    throw new Error(reason, { cause: error });
  }
}
