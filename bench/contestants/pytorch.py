"""PyTorch: --task train|forward --images FILE --batch N --threads N --format plain|channels_last

The tutorial's network and training step. Images are enlarged beforehand, as the tutorial's loader does beside the
training: unlike nin-net's, PyTorch's time is without it. What is said and asked is described in protocol.mjs.
"""
import json
import resource
import sys
import time

import torch
from torch import nn
from torch.nn import functional

# Runs shorter than this are repeated, and their mean is taken.
LEAST_SECONDS = 0.3


def nin_block(in_channels, out_channels, kernel_size, strides, padding):
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, kernel_size, strides, padding), nn.ReLU(),
        nn.Conv2d(out_channels, out_channels, kernel_size=1), nn.ReLU(),
        nn.Conv2d(out_channels, out_channels, kernel_size=1), nn.ReLU())


def network():
    net = nn.Sequential(
        nin_block(1, 96, 11, 4, 0), nn.MaxPool2d(3, 2),
        nin_block(96, 256, 5, 1, 2), nn.MaxPool2d(3, 2),
        nin_block(256, 384, 3, 1, 1), nn.MaxPool2d(3, 2), nn.Dropout(0.5),
        nin_block(384, 10, 3, 1, 1), nn.AdaptiveAvgPool2d((1, 1)), nn.Flatten())
    for layer in net.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.xavier_uniform_(layer.weight)
    return net


def read_images(file, count):
    with open(file, "rb") as stored:
        data = bytearray(stored.read())
    stored_count = len(data) // 785
    pixels = torch.frombuffer(data, dtype=torch.uint8, count=count * 784)
    labels = torch.frombuffer(data, dtype=torch.uint8, offset=784 * stored_count, count=count)
    images = pixels.reshape(count, 1, 28, 28).float() / 255
    return functional.interpolate(images, size=224, mode="bilinear", align_corners=False), labels.long()


def main():
    words = sys.argv[1:]
    options = dict(zip([word[2:] for word in words[::2]], words[1::2]))
    batch = int(options["batch"])
    torch.set_num_threads(int(options["threads"]))
    torch.manual_seed(0)
    net = network()
    images, labels = read_images(options["images"], batch)
    if options["format"] == "channels_last":
        net = net.to(memory_format=torch.channels_last)
        images = images.to(memory_format=torch.channels_last)
    optimiser = torch.optim.SGD(net.parameters(), lr=0.1)

    def train():
        optimiser.zero_grad()
        loss = functional.cross_entropy(net(images), labels)
        loss.backward()
        optimiser.step()
        loss.item()

    def forward():
        with torch.no_grad():
            net(images)

    work = train if options["task"] == "train" else forward
    net.train(options["task"] == "train")
    say({"device": f"PyTorch {torch.__version__}"})
    for line in sys.stdin:
        if line.strip() != "go":
            break
        began = time.perf_counter()
        runs = 0
        while runs == 0 or time.perf_counter() - began < LEAST_SECONDS:
            work()
            runs += 1
        seconds = (time.perf_counter() - began) / runs
        peak = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        say({"imagesPerSecond": batch / seconds, "peakBytes": peak})


def say(message):
    print(json.dumps(message), flush=True)


main()
