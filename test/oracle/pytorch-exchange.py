#!/usr/bin/python3
"""Weights to and fro: the tutorial's class in real PyTorch takes ours, and saves its own.

    python3 test/oracle/pytorch-exchange.py FOLDER

FOLDER holds `checkpoint.safetensors` and `images.bin` (N x 28 x 28 bytes). Written there: `ours.bin`, the logits
(float32, N x 10) of the class with those weights; `theirs.pt`, by torch.save, the state_dict of a network that
PyTorch initialised, and `theirs.bin`, its logits.

Images are resized to 224 by PyTorch, dropout is off. Needs PyTorch (Debian: python3-torch).
"""
import importlib.util
import os
import sys

import numpy as np
import torch
from torch.nn import functional

script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pytorch-steps.py")
spec = importlib.util.spec_from_file_location("pytorch_steps", script)
tutorial = importlib.util.module_from_spec(spec)
sys.dont_write_bytecode = True
spec.loader.exec_module(tutorial)


def main(folder):
    at = lambda name: os.path.join(folder, name)
    images = np.fromfile(at("images.bin"), np.uint8).reshape(-1, 1, 28, 28)
    x = torch.from_numpy(images).float() / 255
    x = functional.interpolate(x, size=(224, 224), mode="bilinear", align_corners=False)

    def write_logits(net, name):
        net.eval()
        with torch.no_grad():
            net(x).numpy().tofile(at(name))

    net = tutorial.NiN(dropout=0.5)
    weights = tutorial.read_safetensors(at("checkpoint.safetensors"))
    net.load_state_dict({name: torch.from_numpy(array) for name, array in weights.items()}, strict=True)
    write_logits(net, "ours.bin")

    torch.manual_seed(1)
    net = tutorial.NiN(dropout=0.5)
    for parameter in net.parameters():
        if parameter.dim() > 1:
            torch.nn.init.xavier_uniform_(parameter)
    torch.save(net.state_dict(), at("theirs.pt"))
    write_logits(net, "theirs.bin")


if __name__ == "__main__":
    main(sys.argv[1])
