import { readFileSync } from "node:fs";
import { systemReason } from "nin-net";
import { parse as parseYaml } from "yaml";

/**
 * What a file holds in JSON, or with the ending .yaml or .yml in YAML.
 *
 * @throws Error saying why it cannot be read, in words that go on after a colon
 */
export function readJsonOrYaml(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw new Error(systemReason(cause), { cause });
  }
  return /\.ya?ml$/i.test(path) ? yamlOf(text) : jsonOf(text);
}

function yamlOf(text: string): unknown {
  try {
    return parseYaml(text);
  } catch (cause) {
    // What it says of the fault goes on with a drawing of the place.
    const [reason] = (cause as Error).message.split(/[.:]?\n/);
    throw new Error(reason, { cause });
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    if (text.trim() === "") throw new Error("it is empty", { cause });
    // Where the parser stopped, if it says so.
    const [, position] = / at position (\d+)/.exec((cause as Error).message) ?? [];
    const line = position && ` (line ${text.slice(0, Number(position)).split("\n").length})`;
    throw new Error(`it is not JSON${line ?? ""}`, { cause });
  }
}
