"""PyTorch: --task train|forward|export --batch N --threads N --format plain|channels_last [--out FILE]

The tutorial's network and training step; images are enlarged beforehand, as the tutorial's loader does.
"""
import gzip
import json
import os
import resource
import sys
import time

import torch
from torch import nn
from torch.nn import functional


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


def some_images(count):
    folder = os.path.join(os.environ.get("NIN_DATA_DIR", ""), "fashion-mnist")
    try:
        with gzip.open(os.path.join(folder, "train-images-idx3-ubyte.gz")) as file:
            pixels = torch.frombuffer(bytearray(file.read(16 + count * 784)[16:]), dtype=torch.uint8)
        with gzip.open(os.path.join(folder, "train-labels-idx1-ubyte.gz")) as file:
            labels = torch.frombuffer(bytearray(file.read(8 + count)[8:]), dtype=torch.uint8)
    except OSError:
        pixels, labels = torch.randint(0, 256, (count * 784,)), torch.randint(0, 10, (count,))
    images = pixels.reshape(count, 1, 28, 28).float() / 255
    return functional.interpolate(images, size=224, mode="bilinear", align_corners=False), labels.long()


def main():
    words = sys.argv[1:]
    options = dict(zip([word[2:] for word in words[::2]], words[1::2]))
    batch = int(options.get("batch", 1))
    torch.set_num_threads(int(options.get("threads", 2)))
    torch.manual_seed(0)
    net = network()
    if options["task"] == "export":
        axes = {"images": {0: "batch"}, "scores": {0: "batch"}}
        torch.onnx.export(
            net.eval(), torch.zeros(2, 1, 224, 224), options["out"], input_names=["images"],
            output_names=["scores"], dynamic_axes=axes, opset_version=13)
        return

    images, labels = some_images(batch)
    if options.get("format") == "channels_last":
        net = net.to(memory_format=torch.channels_last)
        images = images.to(memory_format=torch.channels_last)
    optimiser = torch.optim.SGD(net.parameters(), lr=0.1)

    def train():
        optimiser.zero_grad()
        functional.cross_entropy(net(images), labels).backward()
        optimiser.step()

    def forward():
        with torch.no_grad():
            net(images)

    work = train if options["task"] == "train" else forward
    net.train(options["task"] == "train")
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        if line.strip() != "go":
            break
        began = time.perf_counter()
        work()
        seconds = time.perf_counter() - began
        peak = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        result = {"imagesPerSecond": batch / seconds, "seconds": seconds, "peakBytes": peak}
        print(json.dumps({**result, "device": f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads"}), flush=True)


main()
