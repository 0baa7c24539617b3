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
SHAPES = [(2, 3), (3,), (4, 2)]
initial = [torch.randn(shape) for shape in SHAPES]
gradients = [[torch.randn(shape) for shape in SHAPES] for _ in range(STEPS)]


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


class Muon(torch.optim.Optimizer):
    """Muon as published (Jordan et al. 2024), in float64; PyTorch's own multiplies in bfloat16.

    Matrices are [in, out], as the engine keeps them; vectors go by PyTorch's SGD.
    """

    def __init__(self, weights, momentum, weight_decay, vector_rate, newton_schulz_steps):
        super().__init__(weights, {"lr": 1.0})
        self.momentum, self.weight_decay, self.vector_rate = momentum, weight_decay, vector_rate
        self.newton_schulz_steps = newton_schulz_steps

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for weight in group["params"]:
                state = self.state[weight]
                buffer = state.setdefault("momentum_buffer", torch.zeros_like(weight))
                buffer.mul_(self.momentum).add_(weight.grad)
                direction = weight.grad + self.momentum * buffer
                if weight.dim() == 1:
                    weight.sub_(group["lr"] * self.vector_rate * direction)
                    continue
                inputs, outputs = weight.shape
                update = newton_schulz(direction.T, self.newton_schulz_steps).T * max(1, outputs / inputs) ** 0.5
                weight.mul_(1 - group["lr"] * self.weight_decay).sub_(group["lr"] * update)


def newton_schulz(x, steps):
    """Of a matrix [out, in]; on the side with the fewer rows."""
    tall = x.shape[0] > x.shape[1]
    x = x.T if tall else x
    x = x / (x.norm() + 1e-7)
    for _ in range(steps):
        gram = x @ x.T
        x = 3.4445 * x + (-4.775 * gram + 2.0315 * gram @ gram) @ x
    return x.T if tall else x


def muon(momentum=0.95, weight_decay=0.0, vector_rate=1.0, newton_schulz_steps=5):
    names = {"momentum": "momentum_buffer"}
    return run(
        lambda weights: Muon(weights, momentum, weight_decay, vector_rate, newton_schulz_steps), names
    )


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
        {"name": "muon", "settings": {}, **muon()},
        {
            "name": "muon",
            "settings": {"momentum": 0.6, "weightDecay": 0.3, "vectorRate": 0.5},
            **muon(momentum=0.6, weight_decay=0.3, vector_rate=0.5),
        },
        {
            "name": "muon",
            "settings": {"newtonSchulzSteps": 2},
            **muon(newton_schulz_steps=2),
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
