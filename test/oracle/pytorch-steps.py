#!/usr/bin/python3
"""The tutorial's network in real PyTorch: a few steps of plain SGD from given weights on given images.

    python3 test/oracle/pytorch-steps.py FOLDER

FOLDER holds `settings.json` (steps, batchSize, resize, lr, dtype: float32 or float64), `weights.safetensors` (the initial weights),
`images.bin` (steps x batchSize x 28 x 28 bytes) and `labels.bin` (steps x batchSize bytes). Written there:
`results.safetensors` with, for each step s from 0, `s.loss` (mean cross-entropy in nats, before the update),
`s.logits` and `s.grad.NAME` for every parameter, and `final.NAME`, the parameters after the last step.

Dropout is off. The resize is PyTorch's own, in float. Needs PyTorch (Debian: python3-torch).
"""
import json
import os
import sys

import numpy as np
import torch
from torch import nn
from torch.nn import functional


def nin_block(in_channels, out_channels, kernel_size, strides, padding):
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, kernel_size, strides, padding), nn.ReLU(),
        nn.Conv2d(out_channels, out_channels, kernel_size=1), nn.ReLU(),
        nn.Conv2d(out_channels, out_channels, kernel_size=1), nn.ReLU())


class NiN(nn.Module):
    def __init__(self, dropout):
        super().__init__()
        self.model = nn.Sequential(
            nin_block(1, 96, kernel_size=11, strides=4, padding=0),
            nn.MaxPool2d(3, stride=2),
            nin_block(96, 256, kernel_size=5, strides=1, padding=2),
            nn.MaxPool2d(3, stride=2),
            nin_block(256, 384, kernel_size=3, strides=1, padding=1),
            nn.MaxPool2d(3, stride=2),
            nn.Dropout(dropout),
            nin_block(384, 10, kernel_size=3, strides=1, padding=1),
            nn.AdaptiveAvgPool2d((1, 1)),
            nn.Flatten())

    def forward(self, x):
        return self.model(x)


def read_safetensors(path):
    with open(path, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(length))
        values = file.read()
    header.pop("__metadata__", None)
    return {
        name: np.frombuffer(values[slice(*entry["data_offsets"])], "<f4").reshape(entry["shape"]).copy()
        for name, entry in header.items()
    }


def write_safetensors(path, tensors):
    header, parts, end = {}, [], 0
    for name, array in tensors.items():
        part = np.ascontiguousarray(array, "<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(array.shape), "data_offsets": [end, end + len(part)]}
        parts.append(part)
        end += len(part)
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text + b"".join(parts))


def main(folder):
    at = lambda name: os.path.join(folder, name)
    with open(at("settings.json")) as file:
        settings = json.load(file)
    steps, batch_size, resize = settings["steps"], settings["batchSize"], settings["resize"]
    images = np.fromfile(at("images.bin"), np.uint8).reshape(steps, batch_size, 1, 28, 28)
    labels = np.fromfile(at("labels.bin"), np.uint8).reshape(steps, batch_size)

    dtype = {"float32": torch.float32, "float64": torch.float64}[settings["dtype"]]
    net = NiN(dropout=0.0).to(dtype)
    weights = {name: torch.from_numpy(array) for name, array in read_safetensors(at("weights.safetensors")).items()}
    net.load_state_dict(weights, strict=True)
    net.train()
    optimiser = torch.optim.SGD(net.parameters(), lr=settings["lr"])

    results = {}
    for step in range(steps):
        x = torch.from_numpy(images[step]).to(dtype) / 255
        x = functional.interpolate(x, size=(resize, resize), mode="bilinear", align_corners=False)
        logits = net(x)
        loss = functional.cross_entropy(logits, torch.from_numpy(labels[step]).long())
        optimiser.zero_grad()
        loss.backward()
        results[f"{step}.loss"] = loss.detach().reshape(1).numpy().copy()
        results[f"{step}.logits"] = logits.detach().numpy().copy()
        for name, parameter in net.named_parameters():
            results[f"{step}.grad.{name}"] = parameter.grad.numpy().copy()
        optimiser.step()
    for name, parameter in net.named_parameters():
        results[f"final.{name}"] = parameter.detach().numpy().copy()
    write_safetensors(at("results.safetensors"), results)


if __name__ == "__main__":
    main(sys.argv[1])
