#!/usr/bin/python3
"""Small files as torch.save writes them (test/oracle/torch-weights/), and what is in them (torch-weights.json).

    python3 test/oracle/torch-weights.py

Needs PyTorch (Debian: python3-torch); made with 1.13.1.
"""
import argparse
import collections
import json
import math
import os

import numpy
import torch
from torch import nn

FOLDER = os.path.join(os.path.dirname(__file__), "torch-weights")


class RunsSomething:
    """What an attacker puts into a file: reading it by pickle runs the command."""

    def __reduce__(self):
        return os.system, ("touch torch-weights-were-run",)


class AttributeDict(dict):
    """As Lightning's: a dictionary whose keys are attributes too."""

    __getattr__ = dict.__getitem__


def described(state):
    # JSON has no infinity.
    number = lambda value: value if math.isfinite(value) else str(value)
    return {
        name: {"shape": list(tensor.shape), "values": [number(v) for v in tensor.detach().float().flatten().tolist()]}
        for name, tensor in state.items()
    }


def main():
    torch.manual_seed(0)
    at = lambda name: os.path.join(FOLDER, name)
    expected = {}

    def save(name, value, state=None, **options):
        torch.save(value, at(name), **options)
        if state is not None:
            expected[name] = described(state)

    net = nn.Sequential(nn.Conv2d(2, 3, 2), nn.ReLU(), nn.Flatten(), nn.Linear(3, 4, bias=False))
    state = net.state_dict()
    save("plain.pt", state, state)
    save("protocol-4.pt", state, state, pickle_protocol=4)

    whole = torch.arange(24, dtype=torch.float32).reshape(2, 3, 4)
    views = {
        "transposed": whole.permute(2, 0, 1),
        "part": whole[1, 1:, ::2],
        "same": whole,
        "number": torch.tensor(7.5),
        "empty": torch.zeros(0, 3),
        "channels_last": torch.arange(16.0).reshape(1, 2, 2, 4).contiguous(memory_format=torch.channels_last),
    }
    save("views.pt", views, views)

    numbers = torch.tensor([0.0, -0.0, 1.0, -2.5, 65504.0, 6e-8, 1e-5, float("inf"), float("-inf"), 0.1])
    types = {str(dtype)[6:]: numbers.to(dtype) for dtype in (torch.float64, torch.float16, torch.bfloat16)}
    save("types.pt", types, types)

    optimiser = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    net(torch.rand(1, 2, 2, 2)).sum().backward()
    optimiser.step()
    state = {f"module.{name}": nn.Parameter(tensor) for name, tensor in net.state_dict().items()}
    checkpoint = {
        "epoch": 3,
        "seen": 2**40,
        "best": -0.25,
        "name": "größte",
        "history": [(1, None, True), (2, False, [])],
        "steps": torch.tensor(5),
        "optimizer": optimiser.state_dict(),
        "model_state_dict": collections.OrderedDict(state),
    }
    save("checkpoint.pt", checkpoint, state)

    state = net.state_dict()
    beside = {
        "acc": numpy.float64(91.25),
        "args": argparse.Namespace(lr=0.1, layers=[1, 2], device=torch.device("cpu")),
        "hyper_parameters": AttributeDict(lr=0.1, seen={1, 2}, name=b"bytes"),
        "history": numpy.arange(3),
        "more": RunsSomething(),
    }
    save("net-and-acc.pt", {"net": state, **beside}, state)
    save("net-and-acc-4.pt", {"net": state, **beside}, state, pickle_protocol=4)
    average = {name: 2 * tensor for name, tensor in state.items()}
    save("two-nets.pt", {"net": state, "ema": average, "head": {"weight": torch.ones(2)}})
    save("nested.pt", {"weights": {"net": state, "head": {"weight": torch.ones(2)}}, "epoch": 3})
    save("no-weights.pt", {"epoch": 3, "acc": numpy.float64(91.25), "args": argparse.Namespace(lr=0.1)})

    save("checkpoint-without-weights.pt", {"epoch": 3})
    save("integers.pt", {"counts": torch.arange(3)})
    save("one-tensor.pt", torch.ones(2))
    save("whole-net.pt", net)
    save("runs-something.pt", {"weight": torch.ones(2), "more": RunsSomething()})
    save("before-1.6.pt", net.state_dict(), _use_new_zipfile_serialization=False)
    torch.jit.script(nn.ReLU()).save(at("script.pt"))
    with open(f"{FOLDER}.json", "w") as file:
        json.dump(expected, file, allow_nan=False)
        file.write("\n")


if __name__ == "__main__":
    main()
