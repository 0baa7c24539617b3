#!/usr/bin/python3
"""Three steps of SGD in real PyTorch, in float64, of small networks with normalization: test/oracle/normalization.json.

    python3 test/oracle/normalization.py > test/oracle/normalization.json
"""
import json

import torch
from torch import nn


def values(*shape, scatter):
    """Numbers in (-1, 1) that both sides can make."""
    count = int(torch.tensor(shape).prod())
    return torch.tensor([((i * scatter) % 101) / 50.5 - 1 for i in range(count)], dtype=torch.float64).reshape(shape)


def run(norm):
    net = nn.Sequential(
        nn.Conv2d(1, 4, 3), norm, nn.Sigmoid(), nn.AvgPool2d(2), nn.Conv2d(4, 3, 2), nn.Tanh(), nn.Flatten()).double()
    with torch.no_grad():
        for n, parameter in enumerate(net.parameters()):
            parameter.copy_(values(*parameter.shape, scatter=17 + 2 * n))
    initial = {name: tensor.flatten().tolist() for name, tensor in net.state_dict().items()}
    optimizer = torch.optim.SGD(net.parameters(), lr=0.5)
    # Bytes, as images are stored.
    images = (((torch.arange(3 * 5 * 6 * 6) * 37) % 256).double() / 255).reshape(3, 5, 1, 6, 6)
    labels = torch.tensor([[0, 1, 2, 0, 1], [2, 1, 0, 2, 2], [1, 0, 1, 2, 0]])
    losses = []
    net.train()
    for step in range(3):
        loss = nn.functional.cross_entropy(net(images[step]), labels[step])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    net.eval()
    return {
        "initial": initial,
        "losses": losses,
        "final": {name: tensor.double().flatten().tolist() for name, tensor in net.state_dict().items()},
        "evaluated": net(images[0]).flatten().tolist(),
    }


print(json.dumps({
    "torch": torch.__version__,
    "BatchNorm2d": run(nn.BatchNorm2d(4)),
    "BatchNorm2d, plain": run(nn.BatchNorm2d(4, affine=False, momentum=0.3)),
    "GroupNorm": run(nn.GroupNorm(2, 4)),
}))
