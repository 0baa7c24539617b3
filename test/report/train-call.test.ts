import assert from "node:assert/strict";
import { test } from "node:test";
import { Command } from "commander";
import { addRecipeOptions, recipeOf } from "#src/cli/recipe-options.js";
import { trainCall } from "#src/report/sections/details.js";
import { presets } from "#src/train/recipe.js";

test("the command in a report trains by the recipe of the report", () => {
  for (const recipe of [
    presets.tutorial,
    { ...presets.quick, limit: 64, seed: 7, dataset: "mnist" as const },
  ]) {
    const [program, name, ...args] = trainCall(recipe).split(" ");
    assert.deepEqual([program, name], ["nin", "train"]);
    const command = addRecipeOptions(new Command()).parse(args, { from: "user" });
    assert.deepEqual(recipeOf(command.opts()), recipe);
  }
});
