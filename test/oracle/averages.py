#!/usr/bin/python3
"""Writes averages.json: three steps of training with PyTorch's AveragedModel, in float64.

    python3 test/oracle/averages.py
"""

import json
import os

import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel

torch.set_default_dtype(torch.float64)
torch.manual_seed(3)

STEPS, IMAGES, SIDE, CLASSES, LR, MOMENTUM, DECAY = 3, 4, 5, 3, 0.3, 0.9, 0.75

net = nn.Sequential(
    nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU(), nn.Flatten(), nn.Linear(18, CLASSES)
)
# What starts in float32 can be given to another program without rounding.
for values in net.parameters():
    values.data = values.data.float().double()
averages = AveragedModel(net, avg_fn=lambda mean, value, _: DECAY * mean + (1 - DECAY) * value, use_buffers=True)
batches = [
    (torch.randint(0, 256, (IMAGES, 1, SIDE, SIDE)), torch.randint(0, CLASSES, (IMAGES,))) for _ in range(STEPS)
]


def state(module):
    return {name: values.flatten().tolist() for name, values in module.state_dict().items()}


initial = state(net)
optimizer = torch.optim.SGD(net.parameters(), lr=LR, momentum=MOMENTUM)
after = []
for images, labels in batches:
    net.train()
    optimizer.zero_grad()
    nn.functional.cross_entropy(net(images / 255.0), labels).backward()
    optimizer.step()
    averages.update_parameters(net)
    after.append({"weights": state(net), "averages": state(averages.module)})
averages.eval()
with torch.no_grad():
    scores = averages.module(batches[0][0] / 255.0).flatten().tolist()

with open(os.path.join(os.path.dirname(__file__), "averages.json"), "w") as file:
    result = {
        "decay": DECAY,
        "lr": LR,
        "momentum": MOMENTUM,
        "initial": initial,
        "batches": [
            {"pixels": images.flatten().tolist(), "labels": labels.tolist()} for images, labels in batches
        ],
        "after": after,
        "scores": scores,
    }
    json.dump(result, file)
    file.write("\n")
