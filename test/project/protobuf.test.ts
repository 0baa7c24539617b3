import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { type DescEnum, type DescFile, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { file_event } from "#nin-cli/report/tensorboard/event_pb.js";
import { file_onnx } from "#nin-net/interop/onnx/onnx_pb.js";

/** `Message.field = number type`, and `Enum.VALUE = number`, as a .proto file says. */
function inText(text: string): string[] {
  const found: string[] = [];
  const scopes: string[] = [];
  for (const line of text.split("\n").map((each) => each.replace(/\/\/.*/, "").trim())) {
    const block = /^(message|enum|oneof) (\w+) \{/.exec(line);
    const field = /^(?:optional |repeated )?([\w.]+) (\w+) = (\d+);/.exec(line);
    const value = /^(\w+) = (\d+);/.exec(line);
    if (block) scopes.push(block[1] === "oneof" ? "" : block[2]!);
    else if (line === "}") scopes.pop();
    else if (field) found.push(`${join(scopes)}.${field[2]} = ${field[3]} ${field[1]!.split(".").at(-1)}`);
    else if (value && scopes.length > 0) found.push(`${join(scopes)}.${value[1]} = ${value[2]}`);
  }
  return found.sort();
}

const join = (scopes: readonly string[]) => scopes.filter((scope) => scope !== "").join(".");

/** The same of what was generated. */
function inCode(file: DescFile): string[] {
  const within = (type: DescMessage | DescEnum) => type.typeName.slice(file.proto.package.length + 1);
  const ofEnum = (type: DescEnum) =>
    type.values.map(({ name, number }) => `${within(type)}.${name} = ${number}`);
  const ofMessage = (type: DescMessage): string[] => [
    ...type.fields.map((field) => {
      const kind = field.message?.name ?? field.enum?.name ?? ScalarType[field.scalar!].toLowerCase();
      return `${within(type)}.${field.name} = ${field.number} ${kind}`;
    }),
    ...type.nestedEnums.flatMap(ofEnum),
    ...type.nestedMessages.flatMap(ofMessage),
  ];
  return [...file.messages.flatMap(ofMessage), ...file.enums.flatMap(ofEnum)].sort();
}

for (const [proto, file] of [
  ["packages/nin-net/src/interop/onnx/onnx.proto", file_onnx],
  ["packages/nin-cli/src/report/tensorboard/event.proto", file_event],
] as const) {
  test(`the code generated of ${proto} is in step with it`, () => {
    const text = inText(readFileSync(proto, "utf8"));
    assert.ok(text.length > 15);
    assert.deepEqual(inCode(file), text);
  });
}
