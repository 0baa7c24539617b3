import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Command } from "commander";
import { addRecipeOptions, type RecipeOptions, recipeOf } from "#nin-cli/options/recipe-options.js";
import { datasets } from "#nin-net/data/datasets.js";
import { models } from "#nin-net/models/models.js";
import { presets } from "#nin-net/train/recipe.js";

const scratch = mkdtempSync(join(tmpdir(), "nin-recipe-"));
after(() => rmSync(scratch, { recursive: true }));

function file(name: string, content: string): string {
  const path = join(scratch, name);
  writeFileSync(path, content);
  return path;
}

const parsed = (...words: string[]) =>
  recipeOf(addRecipeOptions(new Command()).parse(words, { from: "user" }).opts<RecipeOptions>());

test("a recipe alone, or a run's config.json, takes a preset's place; options change it", () => {
  const recipe = { ...presets.fast, epochs: 7, netOptions: { widths: [8, 16, 24] } };
  assert.deepEqual(parsed("--recipe", file("recipe.json", JSON.stringify(recipe))), recipe);
  const config = file("config.json", JSON.stringify({ recipe, versions: {} }));
  assert.deepEqual(parsed("--recipe", config, "--lr", "0.3"), { ...recipe, lr: 0.3 });
});

test("a recipe in YAML; what it leaves out is its network's and the tutorial's", () => {
  const yaml = `
# The small network, longer.
net: nin-small
netOptions:
  widths: [8, 16, 24]
epochs: 7
lr: 1.5e-1
optimizer: { name: sgd, momentum: 0.9, nesterov: true }
augment:
  - name: flip
`;
  const recipe = parsed("--recipe", file("recipe.yaml", yaml));
  assert.deepEqual(recipe, {
    ...presets.tutorial,
    ...models["nin-small"].recipe,
    net: "nin-small",
    netOptions: { widths: [8, 16, 24] },
    epochs: 7,
    lr: 0.15,
    optimizer: { name: "sgd", momentum: 0.9, nesterov: true, weightDecay: 0, decayWeightsOnly: false },
    augment: [{ name: "flip" }],
  });
});

test("what is no recipe is refused with the file's name and what is wrong", () => {
  const refused = (path: string, message: RegExp) =>
    assert.throws(() => parsed("--recipe", path), { name: "DataError", message });
  refused(
    join(scratch, "none.json"),
    /^--recipe: .*none\.json cannot be read: there is no such file\. Give a file /,
  );
  refused(file("text.json", "lr: 0.1"), /^--recipe: .*text\.json cannot be read: it is not JSON\. Give/);
  refused(
    file("broken.yaml", "epochs: 3\nlr: [0.1"),
    /^--recipe: .*broken\.yaml cannot be read: Flow sequence .* at line 2, column \d+\. Give a file /,
  );
  refused(
    file("twice.yml", "lr: 1\nlr: 2"),
    /^--recipe: .*twice\.yml cannot be read: Map keys must be unique /,
  );
  for (const [i, other] of ["null", "[]", '{"recipe":[]}', "5"].entries()) {
    refused(file(`other${i}.json`, other), /^--recipe: .*other\d\.json: Recipe setting recipe: got /);
  }
  refused(
    file("list.json", "[]"),
    /^--recipe: .*list\.json: Recipe setting recipe: got \[\], expected an object\.$/,
  );
  refused(
    file("bad.json", JSON.stringify({ ...presets.fast, lr: "fast" })),
    /^--recipe: .*bad\.json: Recipe setting lr: got "fast", expected a number\.$/,
  );
});

test("another network brings its own recipe, another data set its own statistics; writing is moved, not mirrored", () => {
  const { epochs, batchSize, lr, resize } = models["nin-small"].recipe;
  const small = parsed("--net", "nin-small", "--lr", "0.3");
  assert.deepEqual(small, { ...presets.tutorial, net: "nin-small", epochs, batchSize, resize, lr: 0.3 });
  assert.notEqual(lr, 0.3);
  const { mean, std } = datasets.mnist;
  const augment = [{ name: "shift", pixels: 2 }];
  assert.deepEqual(parsed("--preset", "fast", "--dataset", "mnist"), {
    ...presets.fast,
    dataset: "mnist",
    mean,
    std,
    augment,
  });
  for (const dataset of ["kmnist", "emnist-letters"]) {
    assert.deepEqual(parsed("--preset", "robust", "--dataset", dataset).augment, augment);
  }
  assert.deepEqual(parsed("--preset", "best", "--dataset", "mnist").augment, augment);
  for (const dataset of ["fashion-mnist", "cifar-10", "synthetic"]) {
    assert.deepEqual(parsed("--preset", "fast", "--dataset", dataset).augment, [{ name: "flip" }]);
  }
  const flipped = parsed("--preset", "fast", "--dataset", "mnist", "--augment", "flip");
  assert.deepEqual(flipped.augment, [{ name: "flip" }]);
  assert.deepEqual(parsed("--dataset", "mnist").augment, []);
  const mnistFlipped = file("mnist.json", JSON.stringify({ ...presets.fast, dataset: "mnist" }));
  assert.deepEqual(parsed("--recipe", mnistFlipped, "--dataset", "mnist").augment, [{ name: "flip" }]);
  assert.deepEqual(parsed("--normalize").mean, datasets["fashion-mnist"].mean);
  assert.equal(parsed("--preset", "fast", "--no-normalize").std, null);
});

test("a run on pictures of one's own lends its recipe to other data, and says that it holds none itself", () => {
  const recipe = { ...presets.pictures, dataset: "photos/", epochs: 7 };
  const config = file("pictures.json", JSON.stringify({ recipe, pictures: { path: "/photos" } }));
  assert.throws(() => parsed("--recipe", config), {
    name: "DataError",
    message: `--recipe: ${config}: is of a run on pictures of somebody's own, which a recipe does not hold. Name yours with --dataset.`,
  });
  const { mean, std } = datasets.mnist;
  assert.deepEqual(parsed("--recipe", config, "--dataset", "mnist"), {
    ...recipe,
    dataset: "mnist",
    mean,
    std,
    augment: [{ name: "shift", pixels: 2 }],
  });
  const own = { name: "cats/", mean: [0.5], std: [0.25] };
  const options = { preset: "tutorial", recipe: config } as const;
  const { mean: ofCats, std: spread, name } = own;
  assert.deepEqual(recipeOf(options, {}, own), { ...recipe, dataset: name, mean: ofCats, std: spread });
});

test("another network keeps the preset's training on pictures of one's own, and gets options that suit it", () => {
  const own = { name: "cats/", mean: null, std: null };
  const { netOptions, epochs, batchSize, lr, resize } = recipeOf({ preset: "pictures", net: "nin" }, {}, own);
  assert.deepEqual(netOptions, presets.robust.netOptions);
  const { pictures } = presets;
  assert.deepEqual([epochs, batchSize, lr], [pictures.epochs, pictures.batchSize, pictures.lr]);
  assert.equal(resize, models.nin.recipe.resize);
  const tutorial = recipeOf({ preset: "tutorial", net: "nin-small" }, {}, own);
  assert.equal(tutorial.epochs, models["nin-small"].recipe.epochs);
});

test("options of a network are kept in the recipe; a wrong one is refused", () => {
  assert.deepEqual(parsed("--norm", "batch", "--no-last-relu").netOptions, {
    norm: "batch",
    lastRelu: false,
  });
  assert.throws(() => parsed("--widths", "8,16,24"), /--widths: nin has no such option/);
  assert.throws(() => parsed("--net", "nin-small", "--widths", "8,16"), {
    message: "Network nin-small, option widths: got [8,16], expected three whole numbers, such as 48,96,192.",
  });
});
