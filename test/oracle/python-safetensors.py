#!/usr/bin/python3
"""Small files as Python's safetensors writes them (python-safetensors/), and what is in them (python-safetensors.json).

    PYTHONPATH=FOLDER python3 test/oracle/python-safetensors.py

Needs PyTorch (Debian: python3-torch) and safetensors, as `pip download safetensors` brings it, unpacked into FOLDER;
made with 1.13.1 and 0.8.0.
"""
import json
import os

import torch
from safetensors.torch import save_file
from torch import nn

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "python-safetensors")


def main():
    os.makedirs(FOLDER, exist_ok=True)
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(2, 3, 2), nn.ReLU(), nn.Flatten(), nn.Linear(3, 4, bias=False))
    state = net.state_dict()
    numbers = torch.tensor([0.1, -2.5, 6e-5, 0.0])
    types = {
        "a.half": numbers.half(),
        "b.brain": numbers.bfloat16(),
        "c.single": numbers,
        "d.double": numbers.double(),
        "e.odd": torch.tensor([0.5], dtype=torch.float16),
        "f.number": torch.tensor(7.5),
        "g.empty": torch.zeros(0, 3),
    }
    save_file(state, os.path.join(FOLDER, "plain.safetensors"))
    save_file(state, os.path.join(FOLDER, "metadata.safetensors"), metadata={"format": "pt"})
    save_file(types, os.path.join(FOLDER, "types.safetensors"))
    described = lambda tensors: {
        name: {"shape": list(tensor.shape), "values": tensor.float().flatten().tolist()}
        for name, tensor in tensors.items()
    }
    expected = {name: described(state) for name in ("plain", "metadata")}
    expected["types"] = described(types)
    with open(FOLDER + ".json", "w") as file:
        json.dump(expected, file, indent=2)
        file.write("\n")


if __name__ == "__main__":
    main()
