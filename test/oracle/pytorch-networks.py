#!/usr/bin/python3
"""Networks of the series in real PyTorch, with d2l.ai's layers and names: a forward pass and a few steps of plain SGD.

    python3 test/oracle/pytorch-networks.py FOLDER

FOLDER holds `settings.json` (net, ratio, norm, channels, size, batchSize, steps, lr), `weights.safetensors` (the initial
weights) and, for each step s from 0, `images.S.bin` (batchSize x size x size x channels bytes) and `labels.S.bin` (bytes).
Written there: `evaluated.safetensors` (`logits` of the first batch in float32, in evaluation mode), `net.pt` (the initial
state_dict, by torch.save), and, from training, `step.S.safetensors` with `loss` (mean cross-entropy in
nats, before the update), `logits` and `grad.NAME` for every parameter, and `final.safetensors`, the state_dict at the end.

Dropout is off. Needs PyTorch (Debian: python3-torch).
"""
import importlib.util
import json
import os
import sys

import numpy as np
import torch
from torch import nn
from torch.nn import functional

script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pytorch-steps.py")
spec = importlib.util.spec_from_file_location("pytorch_steps", script)
steps = importlib.util.module_from_spec(spec)
sys.dont_write_bytecode = True
spec.loader.exec_module(steps)


def lenet(channels):
    return [
        nn.Conv2d(channels, 6, 5, padding=2), nn.Sigmoid(), nn.AvgPool2d(2, 2),
        nn.Conv2d(6, 16, 5), nn.Sigmoid(), nn.AvgPool2d(2, 2), nn.Flatten(),
        nn.LazyLinear(120), nn.Sigmoid(), nn.Linear(120, 84), nn.Sigmoid(), nn.Linear(84, 10)]


def dense():
    return [
        nn.Flatten(), nn.LazyLinear(4096), nn.ReLU(), nn.Dropout(0.0),
        nn.Linear(4096, 4096), nn.ReLU(), nn.Dropout(0.0), nn.Linear(4096, 10)]


def alexnet(channels):
    return [
        nn.Conv2d(channels, 96, 11, 4, 1), nn.ReLU(), nn.MaxPool2d(3, 2),
        nn.Conv2d(96, 256, 5, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2),
        nn.Conv2d(256, 384, 3, padding=1), nn.ReLU(), nn.Conv2d(384, 384, 3, padding=1), nn.ReLU(),
        nn.Conv2d(384, 256, 3, padding=1), nn.ReLU(), nn.MaxPool2d(3, 2), *dense()]


def vgg(channels, ratio):
    blocks = []
    for count, full in ((1, 64), (1, 128), (2, 256), (2, 512), (2, 512)):
        layers = []
        for _ in range(count):
            layers += [nn.Conv2d(channels, full // ratio, 3, padding=1), nn.ReLU()]
            channels = full // ratio
        blocks.append(nn.Sequential(*layers, nn.MaxPool2d(2, 2)))
    return [*blocks, *dense()]


def nin_cifar(channels, norm):
    def block(inputs, widths, size, padding):
        layers = []
        for width, kernel in zip(widths, (size, 1, 1)):
            layers.append(nn.Conv2d(inputs, width, kernel, padding=padding if kernel > 1 else 0))
            if norm == "batch":
                layers.append(nn.BatchNorm2d(width))
            layers.append(nn.ReLU())
            inputs = width
        return nn.Sequential(*layers)
    return [
        block(channels, (192, 160, 96), 5, 2), nn.MaxPool2d(3, 2, ceil_mode=True), nn.Dropout(0.0),
        block(96, (192, 192, 192), 5, 2), nn.AvgPool2d(3, 2, ceil_mode=True), nn.Dropout(0.0),
        block(192, (192, 192, 10), 3, 1), nn.AdaptiveAvgPool2d((1, 1)), nn.Flatten()]


class Network(nn.Module):
    def __init__(self, layers):
        super().__init__()
        self.net = nn.Sequential(*layers)

    def forward(self, x):
        return self.net(x)


class Tutorial(nn.Module):
    """The tutorial's class of NiN calls its layers `model`."""

    def __init__(self, layers):
        super().__init__()
        self.model = nn.Sequential(*layers)

    def forward(self, x):
        return self.model(x)


def network(settings):
    channels = settings["channels"]
    return {
        "lenet": lambda: Network(lenet(channels)),
        "alexnet": lambda: Network(alexnet(channels)),
        "vgg": lambda: Network(vgg(channels, settings["ratio"])),
        "nin-cifar": lambda: Tutorial(nin_cifar(channels, settings["norm"])),
    }[settings["net"]]()


def main(folder):
    at = lambda name: os.path.join(folder, name)
    with open(at("settings.json")) as file:
        settings = json.load(file)

    def batch(step, dtype):
        shape = (settings["batchSize"], settings["size"], settings["size"], settings["channels"])
        images = np.fromfile(at(f"images.{step}.bin"), np.uint8).reshape(shape).transpose(0, 3, 1, 2).copy()
        labels = np.fromfile(at(f"labels.{step}.bin"), np.uint8)
        return torch.from_numpy(images).to(dtype) / 255, torch.from_numpy(labels).long()

    net = network(settings)
    net(batch(0, torch.float32)[0])  # the first Linear layer takes what comes
    weights = steps.read_safetensors(at("weights.safetensors"))
    net.load_state_dict({name: torch.from_numpy(array) for name, array in weights.items()}, strict=True)
    torch.save(net.state_dict(), at("net.pt"))
    net.eval()
    with torch.no_grad():
        logits = net(batch(0, torch.float32)[0])
    steps.write_safetensors(at("evaluated.safetensors"), {"logits": logits.numpy()})

    net = net.to(torch.float64).train()
    optimiser = torch.optim.SGD(net.parameters(), lr=settings["lr"])
    for step in range(settings["steps"]):
        images, labels = batch(step, torch.float64)
        logits = net(images)
        loss = functional.cross_entropy(logits, labels)
        optimiser.zero_grad()
        loss.backward()
        steps.write_safetensors(at(f"step.{step}.safetensors"), {
            "loss": loss.detach().reshape(1).numpy(),
            "logits": logits.detach().numpy(),
            **{f"grad.{name}": parameter.grad.numpy() for name, parameter in net.named_parameters()},
        })
        optimiser.step()
    steps.write_safetensors(
        at("final.safetensors"), {name: tensor.detach().numpy() for name, tensor in net.state_dict().items()})


if __name__ == "__main__":
    main(sys.argv[1])
