import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { type TestContext, test } from "node:test";
import { zipSync } from "fflate";
import sharp from "sharp";
import {
  openPictures,
  type PictureDataset,
  type PictureDatasetOptions,
} from "#nin-cli/picture-folder/picture-dataset.js";
import { decodeImage } from "#nin-cli/pictures/decode.js";
import { type AnySplit, imageAt, imagesAt } from "#nin-net/data/dataset.js";
import { preparePicture } from "#nin-net/inference/prepare-picture.js";
import { temporaryFolder } from "../cli/run-nin.js";
import { drawFolders, drawPicture } from "./drawn-pictures.js";

interface Opened {
  readonly data: PictureDataset;
  readonly notes: readonly string[];
  /** Pictures that were decoded. */
  readonly decoded: number;
}

/** A folder of pictures with a cache beside it. */
class Place {
  readonly root: string;
  readonly cacheDir: string;

  constructor(t: TestContext) {
    const folder = temporaryFolder(t);
    this.root = join(folder, "photos");
    this.cacheDir = join(folder, "cache");
    mkdirSync(this.root);
  }

  file(name: string): string {
    return join(this.root, name);
  }

  async open(
    t: TestContext,
    options: Partial<PictureDatasetOptions> = {},
    path = this.root,
  ): Promise<Opened> {
    const notes: string[] = [];
    let decoded = 0;
    const data = await openPictures(path, {
      cacheDir: this.cacheDir,
      preparation: "photo",
      height: 16,
      width: 16,
      onNote: (sentences) => notes.push(sentences),
      onProgress: ({ done }) => {
        decoded = done;
      },
      ...options,
    });
    t.after(() => data[Symbol.asyncDispose]());
    return { data, notes, decoded };
  }

  /** What of `open` refuses, without the path. */
  async refusal(t: TestContext, options: Partial<PictureDatasetOptions> = {}): Promise<string> {
    const error = await this.open(t, options).then(
      () => assert.fail("it was taken"),
      (reason: Error) => reason,
    );
    assert.equal(error.name, "DataError", error.stack);
    assert.ok(!error.message.includes("\n"), error.message);
    return error.message.replaceAll(this.root, "photos");
  }
}

const bytesOf = (split: AnySplit) =>
  imagesAt(
    split,
    Uint32Array.from({ length: split.count }, (_, i) => i),
  );

test("a folder of folders becomes images, labels and class names", async (t) => {
  const place = new Place(t);
  await drawFolders(place.root, 8);
  const { data, notes, decoded } = await place.open(t);
  assert.deepEqual(data.classes, ["circle", "square", "triangle"]);
  assert.deepEqual(data.image, { channels: 3, height: 16, width: 16, classes: 3 });
  assert.equal(data.train.count + data.test.count, 24);
  assert.deepEqual([data.name, data.title, notes.length, decoded], ["photos/", "photos", 0, 24]);

  await t.test("each image is what nin predict makes of the file, under its class", async () => {
    const { image } = data;
    const expected = new Map<string, string>();
    for (const className of data.classes) {
      for (const name of readdirSync(place.file(className))) {
        const picture = await decodeImage(readFileSync(place.file(`${className}/${name}`)));
        const { pixels } = preparePicture(picture, { preparation: "photo", image });
        expected.set(Buffer.from(pixels).toString("base64"), className);
      }
    }
    for (const split of [data.train, data.test]) {
      for (let i = 0; i < split.count; i++) {
        const key = Buffer.from(imageAt(split, i)).toString("base64");
        assert.equal(expected.get(key), data.classes[split.labels[i]!]);
        expected.delete(key);
      }
    }
    assert.equal(expected.size, 0, "each picture once");
  });

  await t.test("mean and deviation are those of the training images", () => {
    const pixels = bytesOf(data.train);
    const reds = Float64Array.from(
      pixels.filter((_, i) => i % 3 === 0),
      (level) => level / 255,
    );
    const mean = reds.reduce((sum, red) => sum + red, 0) / reds.length;
    const variance = reds.reduce((sum, red) => sum + (red - mean) ** 2, 0) / reds.length;
    assert.ok(Math.abs(data.mean![0]! - mean) < 1e-9);
    assert.ok(Math.abs(data.std![0]! - Math.sqrt(variance)) < 1e-9);
  });

  await t.test("the second time nothing is decoded, and the data are the same", async () => {
    const again = await place.open(t);
    assert.equal(again.decoded, 0);
    assert.equal(again.data.checksum, data.checksum);
    assert.deepEqual(bytesOf(again.data.train), bytesOf(data.train));
  });

  await t.test("as grey images on request, from the same cache", async () => {
    const grey = await place.open(t, { channels: 1 });
    assert.equal(grey.decoded, 0);
    const file = place.file("circle/0.png");
    const sha256 = createHash("sha256").update(readFileSync(file)).digest("hex");
    const { pixels } = preparePicture(await decodeImage(readFileSync(file)), {
      preparation: "photo",
      image: { channels: 1, height: 16, width: 16 },
    });
    const images = [grey.data.train, grey.data.test].flatMap((split) =>
      Array.from({ length: split.count }, (_, i) => Buffer.from(imageAt(split, i)).toString("hex")),
    );
    assert.ok(images.includes(Buffer.from(pixels).toString("hex")), sha256);
    assert.notEqual(grey.data.checksum, data.checksum);
  });
});

test("grey pictures have one channel, or three equal ones on request", async (t) => {
  const place = new Place(t);
  await drawFolders(place.root, 3, { grey: true });
  const { data } = await place.open(t);
  assert.equal(data.image.channels, 1);
  const coloured = (await place.open(t, { channels: 3 })).data;
  const [one, three] = [bytesOf(data.train), bytesOf(coloured.train)];
  assert.deepEqual(
    three,
    Uint8Array.from(three, (_, i) => one[Math.floor(i / 3)]!),
  );
});

test("a zip and a table of the same pictures are the same data set", async (t) => {
  const place = new Place(t);
  await drawFolders(place.root, 4);
  const folder = await place.open(t);
  const names = folder.data.classes.flatMap((name) =>
    readdirSync(place.file(name)).map((file) => `${name}/${file}`),
  );
  const zip = place.file("../photos.zip");
  const files = names.map((name) => [`all/${name}`, new Uint8Array(readFileSync(place.file(name)))] as const);
  writeFileSync(zip, zipSync(Object.fromEntries(files)));
  const table = place.file("../table.csv");
  writeFileSync(table, names.map((name) => `photos/${name},${name.split("/")[0]}\n`).join(""));
  for (const path of [zip, table]) {
    const { data, decoded } = await place.open(t, {}, path);
    assert.equal(data.checksum, folder.data.checksum, path);
    assert.deepEqual(bytesOf(data.train), bytesOf(folder.data.train));
    assert.equal(data.name, basename(path));
    assert.equal(decoded, 12);
    assert.equal((await place.open(t, {}, path)).decoded, 0);
  }
});

test("a change is noticed, and only what changed is decoded again", async (t) => {
  const place = new Place(t);
  await drawFolders(place.root, 6);
  const before = await place.open(t);

  await t.test("a new picture is added, and no other one moves to the other half", async () => {
    await drawPicture(place.file("circle/new.png"), "circle", { seed: 77 });
    const after = await place.open(t);
    assert.equal(after.decoded, 1);
    const keys = (split: AnySplit) =>
      Array.from({ length: split.count }, (_, i) => Buffer.from(imageAt(split, i)).toString("hex"));
    const [train, tested] = [keys(after.data.train), keys(after.data.test)];
    assert.ok(keys(before.data.train).every((key) => train.includes(key)));
    assert.ok(keys(before.data.test).every((key) => tested.includes(key)));
    assert.notEqual(after.data.checksum, before.data.checksum);
  });

  await t.test("a picture that is taken away again leaves what there was", async () => {
    rmSync(place.file("circle/new.png"));
    const after = await place.open(t);
    assert.deepEqual([after.decoded, after.data.checksum], [0, before.data.checksum]);
  });

  await t.test("one that was only touched is read, and stays as it is", async () => {
    utimesSync(place.file("circle/0.png"), 1, 1);
    const after = await place.open(t);
    assert.deepEqual([after.decoded, after.data.checksum], [1, before.data.checksum]);
    assert.equal((await place.open(t)).decoded, 0);
  });

  await t.test("one that was renamed keeps its half", async () => {
    renameSync(place.file("circle/0.png"), place.file("circle/renamed.png"));
    assert.equal((await place.open(t)).data.checksum, before.data.checksum);
  });

  await t.test("another content of the same length is found by its time", async () => {
    const [one, other] = [place.file("square/0.png"), place.file("square/2.png")];
    const length = Math.max(readFileSync(one).length, readFileSync(other).length);
    // What comes after the end of a PNG belongs to the file all the same.
    for (const file of [one, other]) appendFileSync(file, Buffer.alloc(length - readFileSync(file).length));
    const same = await place.open(t);
    const swapped = readFileSync(one);
    writeFileSync(one, readFileSync(other));
    writeFileSync(other, swapped);
    for (const file of [one, other]) utimesSync(file, 5, 5);
    const after = await place.open(t);
    assert.deepEqual([after.decoded, after.data.checksum], [2, same.data.checksum]);
  });
});

test("a damaged cache is made anew", async (t) => {
  const place = new Place(t);
  await drawFolders(place.root, 3);
  const { data } = await place.open(t);
  const before = bytesOf(data.train);
  const [name] = readdirSync(join(place.cacheDir, "pictures"));
  const cache = join(place.cacheDir, "pictures", name!);
  const pixels = readdirSync(cache).find((each) => each.endsWith(".pixels"))!;
  for (const damage of [
    () => truncateSync(join(cache, pixels), 100),
    () => writeFileSync(join(cache, "index.json"), "{"),
    () => rmSync(cache, { recursive: true }),
  ]) {
    damage();
    const after = await place.open(t);
    assert.deepEqual([after.decoded, after.data.checksum], [9, data.checksum]);
    assert.deepEqual(bytesOf(after.data.train), before);
  }
});

test("what is no picture is named and left out, or refused on request", async (t) => {
  const place = new Place(t);
  await drawFolders(place.root, 4);
  writeFileSync(place.file("circle/readme.txt"), "circles");
  truncateSync(place.file("circle/1.jpg"), 500);
  for (const name of ["Thumbs.db", ".DS_Store", ".hidden.png"])
    writeFileSync(place.file(`square/${name}`), "x");
  mkdirSync(place.file("__MACOSX/circle"), { recursive: true });
  writeFileSync(place.file("__MACOSX/circle/0.png"), "x");
  const { data, notes } = await place.open(t);
  assert.equal(data.train.count + data.test.count, 11);
  const [note = "", ...others] = notes;
  assert.deepEqual(others, []);
  assert.match(note, /^.*photos: 2 pictures cannot be used and are left out:\n {2}circle\//);
  assert.match(note, /\n {2}circle\/readme\.txt: is text, expected PNG, JPEG/);
  assert.match(note, /\n {2}circle\/1\.jpg: is damaged/);
  assert.match(
    await place.refusal(t, { strict: true }),
    /^--strict: photos: circle\/\S+: is .*This is one of 2 such cases\.$/,
  );
});

test("equal pictures in two classes, and across train and test, are named", async (t) => {
  const place = new Place(t);
  for (const half of ["train", "test"]) await drawFolders(place.file(half), 2, { seed: half.length });
  copyFileSync(place.file("train/circle/0.png"), place.file("test/circle/copy.png"));
  copyFileSync(place.file("train/square/0.png"), place.file("train/triangle/also.png"));
  const { data, notes } = await place.open(t);
  assert.deepEqual([data.train.count, data.test.count], [7, 7]);
  assert.deepEqual(
    notes.map((note) => note.replace(place.root, "photos")),
    [
      "photos: 1 picture lies in several classes:\n  train/square/0.png and train/triangle/also.png are the same picture.",
      "photos: 1 picture is both trained and tested on:\n  test/circle/copy.png and train/circle/0.png are the same picture.",
    ],
  );
  assert.match(await place.refusal(t, { strict: true }), /^--strict: photos: .* are the same picture\.$/);
});

test("a file that changes while the folder is read ends it", async (t) => {
  const place = new Place(t);
  await drawFolders(place.root, 20);
  const message = await place.refusal(t, {
    onProgress: ({ done }) => {
      if (done === 1) appendFileSync(place.file("triangle/9.jpg"), "more");
    },
  });
  assert.equal(
    message,
    "photos/triangle/9.jpg: was changed or removed while the pictures were read. " +
      "Start again once nothing writes there any more.",
  );
  assert.ok((await place.open(t)).decoded < 60, "what was decoded before is kept");
});

test("a signal ends it; what was decoded is kept", async (t) => {
  const place = new Place(t);
  await drawFolders(place.root, 20);
  const controller = new AbortController();
  const stopped = place.open(t, {
    signal: controller.signal,
    onProgress: ({ done }) => {
      if (done === 10) controller.abort();
    },
  });
  await assert.rejects(stopped, { name: "AbortError" });
  const { decoded } = await place.open(t);
  assert.ok(decoded > 0 && decoded <= 50, `${decoded} decoded`);
});

test("too few pictures or classes are refused in one sentence", async (t) => {
  const place = new Place(t);
  await t.test("one class alone", async () => {
    await drawPicture(place.file("circle/0.png"), "circle");
    assert.equal(
      await place.refusal(t),
      'photos: holds one class alone, "circle", expected at least 2 to tell apart. Add a folder with pictures of another one.',
    );
  });
  await t.test("a class with one picture, and an empty one", async () => {
    await drawPicture(place.file("circle/1.png"), "circle", { seed: 1 });
    await drawPicture(place.file("square/0.png"), "square");
    mkdirSync(place.file("none"));
    assert.equal(
      await place.refusal(t),
      "photos: too few pictures that can be used: none has none and square has 1; expected at least 2 of each class, " +
        "to train and to test on. Add some, or take the class away.",
    );
  });
  await t.test("a class whose only other picture is damaged", async () => {
    rmSync(place.file("none"), { recursive: true });
    writeFileSync(place.file("square/1.png"), "no picture");
    assert.match(await place.refusal(t), /^photos: too few pictures that can be used: square has 1;/);
  });
  await t.test("a class that is only tested on", async () => {
    const other = new Place(t);
    await drawFolders(other.file("train"), 2);
    for (const seed of [50, 51]) await drawPicture(other.file(`test/oval/${seed}.png`), "circle", { seed });
    assert.match(
      await other.refusal(t),
      /^photos: has pictures to test on of oval, but none to train on, expected some of each class\./,
    );
  });
});

test("a thousand classes are taken, one more is not", async (t) => {
  const place = new Place(t);
  await drawPicture(place.file("../circle.png"), "circle");
  const picture = readFileSync(place.file("../circle.png"));
  for (let k = 0; k < 1001; k++) {
    mkdirSync(place.file(String(k)));
    for (const name of ["a", "b"]) writeFileSync(place.file(`${k}/${name}.png`), picture);
  }
  assert.match(await place.refusal(t), /^photos: holds 1,001 classes, expected at most 1,000\./);
});

test("a picture of too many pixels is not unpacked", async (t) => {
  const place = new Place(t);
  await drawFolders(place.root, 2);
  const bomb = { create: { width: 9000, height: 9000, channels: 3, background: "white" } } as const;
  await sharp(bomb).png({ compressionLevel: 9 }).toFile(place.file("circle/bomb.png"));
  const { notes } = await place.open(t);
  assert.match(
    notes.join(),
    /circle\/bomb\.png: has too many pixels, expected at most 64,000,000\. Make it smaller first\.$/,
  );
});

test("pictures for a run keep its classes, and others are refused", async (t) => {
  const place = new Place(t);
  await drawFolders(place.root, 4);
  const classes = ["oval", "circle", "square", "triangle"];
  const { data } = await place.open(t, { classes });
  assert.deepEqual(data.classes, classes);
  assert.ok([...data.train.labels, ...data.test.labels].every((label) => label >= 1));
  assert.equal(
    await place.refusal(t, { classes: ["circle", "square"] }),
    "photos: has the class triangle, expected those that the run was trained on: circle and square. " +
      "Name the folder of its pictures, or take the others away.",
  );
});
