import assert from "node:assert/strict";
import { test } from "node:test";
import { Command } from "commander";
import { addPassOptions, type PassOptions } from "#nin-cli/options/pass-options.js";
import { addRecipeOptions, type RecipeOptions, recipeOf } from "#nin-cli/options/recipe-options.js";
import { trainOptions } from "#nin-cli/report/sections/details.js";
import { presets } from "#nin-net/train/recipe.js";
import { smallRecipe } from "../small-recipe.js";

test("the command in a report trains by the recipe of the report, and with its passes", () => {
  for (const [recipe, withoutPasses] of [
    [presets.tutorial, []],
    [{ ...smallRecipe, limit: 64, testLimit: 100, seed: 7, dataset: "mnist" as const }, ["all"]],
    [presets.fast, []],
    [presets.robust, []],
    [{ ...presets.fast, netOptions: { widths: [8, 16, 24], norm: "group" }, clip: 0.5, ema: 0.999 }, []],
    [{ ...presets.fast, augment: [{ name: "shift", pixels: 3 }, { name: "flip" }] as const }, []],
    [smallRecipe, ["fold-resize", "sum-early"]],
  ] as const) {
    const words = trainOptions({ recipe, withoutPasses, versions: {}, datasetChecksum: null }).join(" ");
    const command = addPassOptions(addRecipeOptions(new Command())).parse(words.split(" "), { from: "user" });
    const options = command.opts<RecipeOptions & PassOptions>();
    assert.deepEqual(recipeOf(options), recipe);
    assert.deepEqual(options.passes, withoutPasses);
  }
});
