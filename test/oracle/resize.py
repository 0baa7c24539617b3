#!/usr/bin/python3
"""Makes the fixed values of the resize test with Pillow, whose bilinear filter torchvision's Resize uses.

    python3 test/oracle/resize.py > test/oracle/resize.json     the fixed values
    python3 test/oracle/resize.py FROM TO < pixels > resized    live: raw 8-bit images in, raw 8-bit images out

Needs Pillow (Debian: python3-pil). The test makes the same 100 images with the same generator.
"""
import base64
import json
import sys

import PIL
from PIL import Image

SIDE = 28


def made_images(count):
    """Noise, blocks of black and white, and noisy slopes by turns, from a linear congruential generator."""
    word = 1
    images = []
    for index in range(count):
        pixels = bytearray()
        for place in range(SIDE * SIDE):
            word = (word * 1664525 + 1013904223) % 2**32
            noise = word >> 24
            row, column = divmod(place, SIDE)
            if index % 3 == 0:
                pixels.append(noise)
            elif index % 3 == 1:
                pixels.append(255 if noise > 200 else 0)
            else:
                pixels.append((row * 5 + column * 4 + noise // 64) % 256)
        images.append(bytes(pixels))
    return images


def resized(pixels, side, to, mode="L"):
    image = Image.frombytes("L", (side, side), pixels).convert(mode)
    return image.resize((to, to), Image.BILINEAR)


def main():
    if len(sys.argv) == 3:
        side, to = int(sys.argv[1]), int(sys.argv[2])
        while pixels := sys.stdin.buffer.read(side * side):
            sys.stdout.buffer.write(resized(pixels, side, to).tobytes())
        return

    images = made_images(100)
    rows = []
    for index, pixels in enumerate(images):
        row = index * 37 % 224
        levels = resized(pixels, SIDE, 224).tobytes()[row * 224 : (row + 1) * 224]
        rows.append({"image": index, "row": row, "levels": base64.b64encode(levels).decode()})
    exact = []
    for index, to, row in [(0, 224, 0), (0, 224, 113), (1, 61, 60), (2, 29, 14), (3, 56, 31)]:
        image = resized(images[index], SIDE, to, "F")
        levels = [float(f"{image.getpixel((x, row)):.6g}") for x in range(to)]
        exact.append({"image": index, "to": to, "row": row, "levels": levels})
    json.dump({"pillow": PIL.__version__, "rows": rows, "exact": exact}, sys.stdout, separators=(",", ":"))
    print()


main()
