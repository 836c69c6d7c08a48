"""What PyTorch's losses, schedules, optimisers, clipping and batch normalisation compute, for the tests of training.

Run with Debian's python3-torch:  /usr/bin/python3 make_training.py [OUT_FILE]
writes one safetensors file, F32, everything drawn from a fixed seed.

losses.*       logits, teacher [5, 7], soft [5, 7] (targets that sum to 1), and each loss with its gradient by logits
schedules.*    the factor of the rate at every step
optimisers.*   two parameters, their gradients at each of 20 steps, and CASE.PARAMETER [20, …] after each of them
clip.*         three gradients, their norm, and what is left of them at a largest norm of 1 and of 100
batch_norm.*   a map [3, 4, 5, 2] (channels last), its answer, gradients of Σ answer · pull, and running statistics
"""
import json, os, struct, sys
import numpy as np
import torch
import torch.nn.functional as F

STEPS = 20
RATE = 0.05


def losses():
    logits = torch.randn(5, 7) * 3
    teacher = torch.randn(5, 7) * 2
    soft = torch.softmax(torch.randn(5, 7), 1)
    hard = torch.tensor([0, 6, 2, 2, 5])
    yield "logits", logits
    yield "teacher", teacher
    yield "soft", soft
    yield "hard", F.one_hot(hard, 7).float()

    def kl(x, temperature):
        return F.kl_div(F.log_softmax(x / temperature, 1), F.log_softmax(teacher / temperature, 1), reduction="batchmean", log_target=True) * temperature**2

    cases = {
        "cross_entropy": lambda x: F.cross_entropy(x, hard),
        "smoothed": lambda x: F.cross_entropy(x, hard, label_smoothing=0.1),
        "soft_targets": lambda x: F.cross_entropy(x, soft),
        "soft_smoothed": lambda x: F.cross_entropy(x, soft, label_smoothing=0.2),
        "distilled_soft": lambda x: 0.7 * F.cross_entropy(x, hard, label_smoothing=0.1) + 0.3 * kl(x, 3.0),
        "distilled_hard": lambda x: 0.5 * F.cross_entropy(x, hard) + 0.5 * F.cross_entropy(x, teacher.argmax(1)),
    }
    for name, loss in cases.items():
        x = logits.clone().requires_grad_()
        value = loss(x)
        value.backward()
        yield name, value.view(1)
        yield f"{name}.gradient", x.grad


def followed(make, steps):
    """The rates a scheduler of PyTorch gives an optimiser whose own is 1."""
    optimiser = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler = make(optimiser)
    rates = []
    for _ in range(steps):
        rates.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        scheduler.step()
    return torch.tensor(rates, dtype=torch.float64).float()


def schedules():
    lr = torch.optim.lr_scheduler
    rise = followed(lambda o: lr.LinearLR(o, start_factor=1 / 8, total_iters=7), 8)
    for name, floor in (("cosine", 0.0), ("cosine_floor", 0.1)):
        yield name, torch.cat([rise, followed(lambda o: lr.CosineAnnealingLR(o, T_max=52, eta_min=floor), 52)])
    for name, total, share in (("one_cycle", 60, 0.3), ("one_cycle_early", 37, 0.1)):
        yield name, followed(lambda o: lr.OneCycleLR(o, max_lr=1.0, total_steps=total, pct_start=share), total - 1)


def optimisers():
    start = {"layer.weight": torch.randn(3, 4), "layer.bias": torch.randn(4)}
    gradients = {name: torch.randn(STEPS, *value.shape) * torch.logspace(-2, 1, STEPS).view(-1, *[1] * value.dim()) for name, value in start.items()}
    for name, value in start.items():
        yield f"start.{name}", value
        yield f"gradients.{name}", gradients[name]
    optim = torch.optim
    cases = {
        "sgd": lambda groups: optim.SGD(groups, lr=RATE),
        "momentum": lambda groups: optim.SGD(groups, lr=RATE, momentum=0.9),
        "nesterov": lambda groups: optim.SGD(groups, lr=RATE, momentum=0.9, nesterov=True),
        "adam": lambda groups: optim.Adam(groups, lr=RATE),
        "adamw": lambda groups: optim.AdamW(groups, lr=RATE, betas=(0.8, 0.95), eps=1e-6),
    }
    for case, make in cases.items():
        parameters = {name: value.clone().requires_grad_() for name, value in start.items()}
        weight, bias = parameters.values()
        groups = [{"params": [weight], "weight_decay": 0.1, "lr": RATE / 2}, {"params": [bias], "weight_decay": 0.0}]
        optimiser = make(groups)
        trail = {name: [] for name in parameters}
        for step in range(STEPS):
            for name, parameter in parameters.items():
                parameter.grad = gradients[name][step].clone()
            optimiser.step()
            for name, parameter in parameters.items():
                trail[name].append(parameter.detach().clone())
        for name in parameters:
            yield f"{case}.{name}", torch.stack(trail[name])


def clip():
    gradients = [torch.randn(3, 4), torch.randn(5) * 4, torch.randn(2, 2, 2)]
    for index, gradient in enumerate(gradients):
        yield f"gradients.{index}", gradient
    for largest in (1, 100):
        parameters = [torch.zeros_like(g).requires_grad_() for g in gradients]
        for parameter, gradient in zip(parameters, gradients):
            parameter.grad = gradient.clone()
        yield f"norm.{largest}", torch.nn.utils.clip_grad_norm_(parameters, largest).view(1)
        for index, parameter in enumerate(parameters):
            yield f"clipped.{largest}.{index}", parameter.grad


def batch_norm():
    norm = torch.nn.BatchNorm2d(2, eps=1e-3)
    with torch.no_grad():
        norm.weight.copy_(torch.tensor([1.5, -0.5]))
        norm.bias.copy_(torch.tensor([0.25, 2.0]))
        norm.running_mean.copy_(torch.tensor([0.5, -1.0]))
        norm.running_var.copy_(torch.tensor([2.0, 0.5]))
    for name in ("weight", "bias", "running_mean", "running_var"):
        yield name, getattr(norm, name).detach().clone()
    values = torch.randn(3, 2, 4, 5) * torch.tensor([2.0, 0.3]).view(1, 2, 1, 1) + torch.tensor([3.0, -1.0]).view(1, 2, 1, 1)
    values.requires_grad_()
    pull = torch.randn(3, 2, 4, 5)
    answer = norm(values)
    (answer * pull).sum().backward()
    for name, tensor in (("map", values), ("pull", pull), ("answer", answer), ("map.gradient", values.grad)):
        yield name, tensor.detach().permute(0, 2, 3, 1)
    yield "weight.gradient", norm.weight.grad
    yield "bias.gradient", norm.bias.grad
    yield "running_mean.after", norm.running_mean
    yield "running_var.after", norm.running_var


def save(path, tensors):
    header, blobs, at = {}, [], 0
    for name, tensor in tensors.items():
        data = np.ascontiguousarray(tensor.detach().numpy(), np.float32)
        header[name] = {"dtype": "F32", "shape": list(data.shape), "data_offsets": [at, at + data.nbytes]}
        blobs.append(data.tobytes())
        at += data.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(blobs))


if __name__ == "__main__":
    torch.manual_seed(21)
    here = os.path.dirname(os.path.abspath(__file__))
    out = sys.argv[1] if len(sys.argv) > 1 else os.path.join(here, "expected.safetensors")
    cases = {"losses": losses, "schedules": schedules, "optimisers": optimisers, "clip": clip, "batch_norm": batch_norm}
    save(out, {f"{case}.{name}": tensor for case, make in cases.items() for name, tensor in make()})
