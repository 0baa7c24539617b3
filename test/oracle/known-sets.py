#!/usr/bin/python3
"""Small data sets in the exact formats of KMNIST, QMNIST, EMNIST and CIFAR (test/oracle/known-sets/), and what is in
them (known-sets.json). The official files cannot be had everywhere; these are as their authors describe them.

    python3 test/oracle/known-sets.py

Needs Python alone: zip, tar and gzip are those of its library.
"""
import gzip
import hashlib
import io
import json
import os
import struct
import tarfile
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.path.join(HERE, "known-sets")
COUNTS = {"train": 4, "test": 3}


def level(seed, image, channel, y, x):
    """A pixel; no row is a column, no channel another."""
    return (seed * 31 + image * 57 + channel * 83 + y * 7 + x * x) % 256


def digest(name, data):
    return hashlib.new(name, data).hexdigest()


def write(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)


def described(labels, pixels):
    """Labels from 0 and the digest of the images, row after row, the channels of a pixel together."""
    return {"labels": labels, "imagesSha256": digest("sha256", pixels)}


def idx_images(images):
    return struct.pack(">IIII", 0x803, len(images), 28, 28) + b"".join(images)


def idx_set(seed, classes, name_of, first_label=0, transposed=False, extended=False):
    """Four gzipped files by name, and what is in them."""
    files, halves = {}, {}
    for half, count in COUNTS.items():
        labels = [(seed + 5 * i) % classes for i in range(count - 1)] + [classes - 1]
        number = seed + (half == "test")
        upright = [bytes(level(number, i, 0, y, x) for y in range(28) for x in range(28)) for i in range(count)]
        stored = upright
        if transposed:
            stored = [bytes(image[28 * x + y] for y in range(28) for x in range(28)) for image in upright]
        halves[half] = described(labels, b"".join(upright))
        numbers = [label + first_label for label in labels]
        if extended:
            rows = [[number, 4, 2100 + i, i, 30 + number, 1000 * i, 0, 0] for i, number in enumerate(numbers)]
            content = struct.pack(">III", 0xC02, count, 8) + b"".join(struct.pack(">8i", *row) for row in rows)
        else:
            content = struct.pack(">II", 0x801, count) + bytes(numbers)
        files[name_of(half, "images")] = idx_images(stored)
        files[name_of(half, "labels")] = content
    packed = {name: gzip.compress(content, mtime=0) for name, content in files.items()}
    known = [
        {
            "name": name,
            "bytes": len(content),
            "packedBytes": len(packed[name]),
            "gzip": {kind: digest(kind, packed[name]) for kind in ("sha256", "md5")},
            "content": {kind: digest(kind, content) for kind in ("sha256", "md5")},
        }
        for name, content in files.items()
    ]
    return packed, {"files": known, **halves}


def cifar_set(seed, files, classes):
    """Files of two records each, and what is in them: of each half a digest of the images and lists of labels."""
    contents, known, halves = {}, [], {}
    for half, names in files.items():
        pixels, labels, image = b"", [], 0
        for name in names:
            content = b""
            for _ in range(2):
                each = [(seed + 3 * image + 7 * at) % count for at, count in enumerate(classes)]
                labels.append(each)
                number = seed + (half == "test")
                planes = [[level(number, image, c, y, x) for y in range(32) for x in range(32)] for c in range(3)]
                content += bytes(each) + b"".join(bytes(plane) for plane in planes)
                pixels += bytes(value for pixel in zip(*planes) for value in pixel)
                image += 1
            contents[name] = content
            known.append(
                {
                    "name": name,
                    "bytes": len(content),
                    "content": {kind: digest(kind, content) for kind in ("sha256", "md5")},
                }
            )
        columns = [list(column) for column in zip(*labels)]
        halves[half] = {"labels": columns, "imagesSha256": digest("sha256", pixels)}
    return contents, {"files": known, **halves}


def tar_gz(folder, contents, form):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        top = tarfile.TarInfo(folder)
        top.type = tarfile.DIRTYPE
        archive.addfile(top)
        for name, content in contents.items():
            member = tarfile.TarInfo(f"{folder}/{name}")
            member.size = len(content)
            # A time with a fraction needs a record of its own in pax archives.
            member.mtime = 1.5 if form == tarfile.PAX_FORMAT else 1
            archive.addfile(member, io.BytesIO(content))
    return gzip.compress(out.getvalue(), mtime=0)


def archive_of(name, data):
    write(os.path.join(FOLDER, name), data)
    return {"name": name, "bytes": len(data), "sha256": digest("sha256", data)}


def main():
    mnist_name = {"train": "train", "test": "t10k"}
    expected = {}

    packed, expected["kmnist"] = idx_set(1, 10, lambda half, kind: mnist_names(mnist_name[half], kind))
    for name, data in packed.items():
        write(os.path.join(FOLDER, "kmnist", f"{name}.gz"), data)

    qmnist = lambda half, kind: f"qmnist-{half}-" + ("images-idx3-ubyte" if kind == "images" else "labels-idx2-int")
    packed, expected["qmnist"] = idx_set(2, 10, qmnist, extended=True)
    for name, data in packed.items():
        write(os.path.join(FOLDER, "qmnist", f"{name}.gz"), data)

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for seed, (split, classes, first) in enumerate(
            [("letters", 26, 1), ("balanced", 47, 0), ("byclass", 62, 0), ("digits", 10, 0)], 3
        ):
            name_of = lambda half, kind: f"emnist-{mnist_names(f'{split}-{half}', kind)}"
            packed, expected[f"emnist-{split}"] = idx_set(seed, classes, name_of, first, transposed=True)
            archive.writestr(zipfile.ZipInfo(f"gzip/emnist-{split}-mapping.txt"), "0 48\n")
            for name, data in packed.items():
                archive.writestr(zipfile.ZipInfo(f"gzip/{name}.gz"), data)
    emnist = archive_of("gzip.zip", out.getvalue())
    for name in expected:
        if name.startswith("emnist"):
            expected[name]["archive"] = emnist

    names = {"train": [f"data_batch_{i}.bin" for i in range(1, 6)], "test": ["test_batch.bin"]}
    contents, expected["cifar-10"] = cifar_set(8, names, [10])
    rest = {"batches.meta.txt": b"airplane\n", "readme.html": b"<html>"}
    data = tar_gz("cifar-10-batches-bin", {**rest, **contents}, tarfile.USTAR_FORMAT)
    expected["cifar-10"]["archive"] = archive_of("cifar-10-binary.tar.gz", data)

    contents, expected["cifar-100"] = cifar_set(9, {"train": ["train.bin"], "test": ["test.bin"]}, [20, 100])
    data = tar_gz("cifar-100-binary", {"fine_label_names.txt": b"apple\n", **contents}, tarfile.PAX_FORMAT)
    expected["cifar-100"]["archive"] = archive_of("cifar-100-binary.tar.gz", data)

    with open(os.path.join(HERE, "known-sets.json"), "w") as file:
        json.dump(expected, file, indent=1)
        file.write("\n")


def mnist_names(prefix, kind):
    return f"{prefix}-images-idx3-ubyte" if kind == "images" else f"{prefix}-labels-idx1-ubyte"


if __name__ == "__main__":
    main()
