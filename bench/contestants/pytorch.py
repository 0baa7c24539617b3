"""PyTorch: --task train|forward --images FILE --batch N --format plain|channels_last [--net NAME]
[--resize 224] [--lr 0.1] [--seconds S], on the CPU with --threads N, on the GPU with --device cuda --precision f32|f16 --feed once|each

The tutorial's network and training step, with PyTorch's defaults; nin-small is the network of the preset fast;
lenet, alexnet and vgg are d2l.ai's. Images are enlarged beforehand, as the tutorial's
loader does beside the training: unlike nin-net's, PyTorch's time is without it. They go to the GPU once, before the
clock starts, or with each step, as in the tutorial. `--precision f16` is torch.autocast. The loss of a step is not
read; a measurement ends when the GPU has done everything. What is said and asked is described in protocol.mjs.
"""
import contextlib
import json
import resource
import sys
import time

import torch
from torch import nn
from torch.nn import functional

# Runs shorter than this are repeated, and their mean is taken.
DEFAULT_SECONDS = 0.3


def nin_block(in_channels, out_channels, kernel_size, strides, padding):
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, kernel_size, strides, padding), nn.ReLU(),
        nn.Conv2d(out_channels, out_channels, kernel_size=1), nn.ReLU(),
        nn.Conv2d(out_channels, out_channels, kernel_size=1), nn.ReLU())


def small_block(in_channels, out_channels, kernel_size, strides, padding):
    def unit(channels, size, **options):
        return (nn.Conv2d(channels, out_channels, size, bias=False, **options), nn.BatchNorm2d(out_channels), nn.ReLU())
    return nn.Sequential(
        *unit(in_channels, kernel_size, stride=strides, padding=padding),
        *unit(out_channels, 1), *unit(out_channels, 1))


def small_network():
    return nn.Sequential(
        small_block(1, 48, 5, 2, 2), small_block(48, 96, 3, 1, 1), nn.MaxPool2d(3, 2), small_block(96, 192, 3, 1, 1),
        nn.Conv2d(192, 10, 1), nn.AdaptiveAvgPool2d((1, 1)), nn.Flatten())


def nin():
    return nn.Sequential(
        nin_block(1, 96, 11, 4, 0), nn.MaxPool2d(3, 2),
        nin_block(96, 256, 5, 1, 2), nn.MaxPool2d(3, 2),
        nin_block(256, 384, 3, 1, 1), nn.MaxPool2d(3, 2), nn.Dropout(0.5),
        nin_block(384, 10, 3, 1, 1), nn.AdaptiveAvgPool2d((1, 1)), nn.Flatten())


def lenet():
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.Sigmoid(), nn.AvgPool2d(2),
        nn.Conv2d(6, 16, 5), nn.Sigmoid(), nn.AvgPool2d(2), nn.Flatten(),
        nn.Linear(400, 120), nn.Sigmoid(), nn.Linear(120, 84), nn.Sigmoid(), nn.Linear(84, 10))


def dense_layers(features):
    return (
        nn.Flatten(), nn.Linear(features, 4096), nn.ReLU(), nn.Dropout(0.5),
        nn.Linear(4096, 4096), nn.ReLU(), nn.Dropout(0.5), nn.Linear(4096, 10))


def alexnet():
    return nn.Sequential(
        nn.Conv2d(1, 96, 11, 4, 1), nn.ReLU(), nn.MaxPool2d(3, 2),
        nn.Conv2d(96, 256, 5, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2),
        nn.Conv2d(256, 384, 3, padding=1), nn.ReLU(), nn.Conv2d(384, 384, 3, padding=1), nn.ReLU(),
        nn.Conv2d(384, 256, 3, padding=1), nn.ReLU(), nn.MaxPool2d(3, 2), *dense_layers(6400))


def vgg():
    blocks, channels = [], 1
    for count, width in ((1, 16), (1, 32), (2, 64), (2, 128), (2, 128)):
        for _ in range(count):
            blocks += [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU()]
            channels = width
        blocks.append(nn.MaxPool2d(2))
    return nn.Sequential(*blocks, *dense_layers(6272))


def network(name):
    if name == "nin-small":
        return small_network()
    net = {"nin": nin, "lenet": lenet, "alexnet": alexnet, "vgg": vgg}[name]()
    for layer in net.modules():
        if isinstance(layer, (nn.Conv2d, nn.Linear)):
            nn.init.xavier_uniform_(layer.weight)
    return net


def read_images(file, count, size):
    with open(file, "rb") as stored:
        data = bytearray(stored.read())
    stored_count = len(data) // 785
    pixels = torch.frombuffer(data, dtype=torch.uint8, count=count * 784)
    labels = torch.frombuffer(data, dtype=torch.uint8, offset=784 * stored_count, count=count)
    images = pixels.reshape(count, 1, 28, 28).float() / 255
    if size != 28:
        images = functional.interpolate(images, size=size, mode="bilinear", align_corners=False)
    return images, labels.long()


def description(device):
    if device == "cpu":
        return f"PyTorch {torch.__version__}"
    tf32 = "with" if torch.backends.cudnn.allow_tf32 else "without"
    return f"PyTorch {torch.__version__} (CUDA {torch.version.cuda}, {torch.cuda.get_device_name()}, {tf32} TF32)"


def main():
    words = sys.argv[1:]
    options = dict(zip([word[2:] for word in words[::2]], words[1::2]))
    batch = int(options["batch"])
    device = options.get("device", "cpu")
    seconds = float(options.get("seconds", DEFAULT_SECONDS))
    if "threads" in options:
        torch.set_num_threads(int(options["threads"]))
    torch.manual_seed(0)
    name = options.get("net", "nin")
    net = network(name).to(device)
    images, labels = read_images(options["images"], batch, int(options.get("resize", 224)))
    if options.get("feed", "once") == "once":
        images, labels = images.to(device), labels.to(device)
    if options["format"] == "channels_last":
        net = net.to(memory_format=torch.channels_last)
        images = images.to(memory_format=torch.channels_last)
    how = {"momentum": 0.9, "nesterov": True, "weight_decay": 5e-4} if name == "nin-small" else {}
    optimiser = torch.optim.SGD(net.parameters(), lr=float(options.get("lr", 0.1)), **how)
    # PyTorch has no 16-bit floats of this kind on the CPU.
    half = torch.float16 if device == "cuda" else torch.bfloat16
    is_half = options.get("precision") == "f16"

    def scores():
        with torch.autocast(device, half) if is_half else contextlib.nullcontext():
            return net(images.to(device))  # nothing to do where they are there already

    def train():
        optimiser.zero_grad()
        functional.cross_entropy(scores().float(), labels.to(device)).backward()
        optimiser.step()

    def forward():
        with torch.no_grad():
            scores()

    def finish():
        if device == "cuda":
            torch.cuda.synchronize()

    work = train if options["task"] == "train" else forward
    net.train(options["task"] == "train")
    finish()
    say({"device": description(device)})
    for line in sys.stdin:
        if line.strip() != "go":
            break
        began = time.perf_counter()
        runs = 0
        while runs == 0 or time.perf_counter() - began < seconds:
            work()
            runs += 1
        finish()
        took = (time.perf_counter() - began) / runs
        peak = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        say({"imagesPerSecond": batch / took, "peakBytes": peak})


def say(message):
    print(json.dumps(message), flush=True)


main()
