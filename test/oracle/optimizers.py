#!/usr/bin/python3
"""Writes optimizers.json: three steps of PyTorch's optimisers, and the rates of its schedules, in float64.

    python3 test/oracle/optimizers.py
"""

import json
import os
import warnings

import torch

warnings.filterwarnings("ignore")
torch.set_default_dtype(torch.float64)
torch.manual_seed(7)

STEPS = 3
RATES = [0.1, 0.05, 0.2]
initial = [torch.randn(2, 3), torch.randn(3)]
gradients = [[torch.randn(2, 3), torch.randn(3)] for _ in range(STEPS)]


def run(make, names):
    weights = [torch.nn.Parameter(value.clone()) for value in initial]
    optimizer = make(weights)
    for step in range(STEPS):
        for group in optimizer.param_groups:
            group["lr"] = RATES[step]
        for weight, gradient in zip(weights, gradients[step]):
            weight.grad = gradient.clone()
        optimizer.step()
    state = {
        own: [optimizer.state[weight][theirs].flatten().tolist() for weight in weights]
        for own, theirs in names.items()
    }
    return {"weights": [weight.detach().flatten().tolist() for weight in weights], "state": state}


def weights_alone(weights, decay):
    """Groups of which only the matrices are decayed."""
    matrices = [weight for weight in weights if weight.dim() > 1]
    vectors = [weight for weight in weights if weight.dim() <= 1]
    return [{"params": matrices, "weight_decay": decay}, {"params": vectors, "weight_decay": 0}]


def clipped(most):
    """Gradients of the first step after clip_grad_norm_."""
    weights = [torch.nn.Parameter(value.clone()) for value in initial]
    for weight, gradient in zip(weights, gradients[0]):
        weight.grad = gradient.clone()
    torch.nn.utils.clip_grad_norm_(weights, most)
    return {"most": most, "gradients": [weight.grad.flatten().tolist() for weight in weights]}


def sgd(**settings):
    momentum = {"momentum": "momentum_buffer"} if settings.get("momentum") else {}
    return run(lambda weights: torch.optim.SGD(weights, lr=1, **settings), momentum)


def adamw(**settings):
    names = {"firstMoment": "exp_avg", "secondMoment": "exp_avg_sq"}
    return run(lambda weights: torch.optim.AdamW(weights, lr=1, **settings), names)


def rates(make, steps, every=1):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1)
    schedule = make(optimizer)
    found = []
    for step in range(steps):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if (step + 1) % every == 0:
            schedule.step()
    return found


schedulers = torch.optim.lr_scheduler
result = {
    "rates": RATES,
    "initial": [value.flatten().tolist() for value in initial],
    "gradients": [[value.flatten().tolist() for value in step] for step in gradients],
    "optimizers": [
        {"name": "sgd", "settings": {}, **sgd()},
        {"name": "sgd", "settings": {"weightDecay": 0.3}, **sgd(weight_decay=0.3)},
        {"name": "sgd", "settings": {"momentum": 0.9}, **sgd(momentum=0.9)},
        {
            "name": "sgd",
            "settings": {"momentum": 0.9, "nesterov": True, "weightDecay": 0.01},
            **sgd(momentum=0.9, nesterov=True, weight_decay=0.01),
        },
        {
            "name": "sgd",
            "settings": {"momentum": 0.9, "weightDecay": 0.1, "decayWeightsOnly": True},
            **run(
                lambda weights: torch.optim.SGD(weights_alone(weights, 0.1), lr=1, momentum=0.9),
                {"momentum": "momentum_buffer"},
            ),
        },
        {"name": "adamw", "settings": {}, **adamw()},
        {
            "name": "adamw",
            "settings": {"weightDecay": 0.3, "decayWeightsOnly": True},
            **run(
                lambda weights: torch.optim.AdamW(weights_alone(weights, 0.3), lr=1),
                {"firstMoment": "exp_avg", "secondMoment": "exp_avg_sq"},
            ),
        },
        {
            "name": "adamw",
            "settings": {"beta1": 0.8, "beta2": 0.95, "eps": 1e-3, "weightDecay": 0.2},
            **adamw(betas=(0.8, 0.95), eps=1e-3, weight_decay=0.2),
        },
    ],
    "clipped": [clipped(0.5), clipped(100.0)],
    "schedules": [
        {
            "name": "step",
            "settings": {"epochs": 2, "gamma": 0.5},
            "stepsPerEpoch": 4,
            "rates": rates(lambda o: schedulers.StepLR(o, 2, gamma=0.5), 24, every=4),
        },
        {
            "name": "cosine",
            "settings": {"final": 0.01},
            "stepsPerEpoch": 5,
            "rates": rates(lambda o: schedulers.CosineAnnealingLR(o, 20, eta_min=0.01), 20),
        },
        {
            "name": "one-cycle",
            "settings": {},
            "stepsPerEpoch": 5,
            "rates": rates(lambda o: schedulers.OneCycleLR(o, max_lr=1, total_steps=20), 20),
        },
        {
            "name": "one-cycle",
            "settings": {"rise": 0.25, "start": 0.1, "final": 0.01},
            "stepsPerEpoch": 8,
            "rates": rates(
                lambda o: schedulers.OneCycleLR(
                    o, max_lr=1, total_steps=16, pct_start=0.25, div_factor=10, final_div_factor=10
                ),
                16,
            ),
        },
    ],
}

with open(os.path.join(os.path.dirname(__file__), "optimizers.json"), "w") as file:
    json.dump(result, file, indent=1)
    file.write("\n")
