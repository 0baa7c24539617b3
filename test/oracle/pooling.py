#!/usr/bin/python3
"""Windows of real PyTorch's MaxPool2d and AvgPool2d, in float64, with gradients: test/oracle/pooling.json.

    python3 test/oracle/pooling.py > test/oracle/pooling.json
"""
import itertools
import json

import torch
from torch import nn


def values(*shape, scatter):
    """Numbers in (-1, 1) that both sides can make; none twice in 101."""
    count = int(torch.tensor(shape).prod())
    return torch.tensor([((i * scatter) % 101) / 50.5 - 1 for i in range(count)], dtype=torch.float64).reshape(shape)


def run(name, kernel, stride, padding, ceil, count_include_pad, size):
    options = {"stride": stride, "padding": padding, "ceil_mode": ceil}
    if name == "AvgPool2d":
        options["count_include_pad"] = count_include_pad
    case = {"layer": name, "kernelSize": kernel, "stride": stride, "padding": padding, "ceilMode": ceil,
            "countIncludePad": count_include_pad, "size": size}
    x = values(1, 2, *size, scatter=37).requires_grad_()
    try:
        y = getattr(nn, name)(kernel, **options)(x)
    except RuntimeError:
        return {**case, "refused": True}
    y.backward(values(*y.shape, scatter=29))
    rounded = lambda tensor: [round(value, 9) for value in tensor.flatten().tolist()]
    return {**case, "shape": list(y.shape), "y": rounded(y), "dx": rounded(x.grad)}


windows = [(2, 2, 0), (3, 2, 0), (3, 2, 1), (2, 3, 1), (3, 3, 0), (1, 2, 0), (4, 3, 2)]
cases = [
    run("MaxPool2d", *window, ceil, True, size)
    for window, ceil, size in itertools.product(windows, [False, True], [[5, 6], [1, 6]])
] + [
    run("AvgPool2d", *window, ceil, include, size)
    for window, ceil, include, size in itertools.product(windows, [False, True], [True, False], [[5, 6], [1, 6]])
]
print(json.dumps({"torch": torch.__version__, "cases": cases}))
