"""What PyTorch's autograd and optimisers make of a tiny ViT and a tiny attention CNN in two updates, for the tests of training.

Run with Debian's python3-torch:  /usr/bin/python3 make_steps.py [OUT_FILE]
writes one safetensors file, F32, everything drawn from a fixed seed. MODEL is vit or cnn; B batch, C channels.

MODEL.pixels [B, H, W, C], MODEL.targets [B, classes]
MODEL.start.NAME       first parameters, and running statistics of the CNN
MODEL.logits [B, classes], MODEL.loss [1], MODEL.gradient.NAME, MODEL.norm [1] of all gradients together: in training
MODEL.OPTIMISER.NAME   parameters and statistics after two updates by sgd (with layer decay) and by adamw

The ViT is written out here by Hugging Face's names, the CNN is make_attention_cnn.py's.
"""
import os, re, sys
import torch
import torch.nn.functional as F
from make_training import save

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
from make_attention_cnn import AttentionCnn, SCALED, randomised, state

CLASSES, BATCH, RATE, SMOOTHING, DECAY, LAYER_DECAY, LARGEST_NORM = 5, 4, 0.02, 0.1, 0.05, 0.8, 0.2
WIDTH, LAYERS, HEADS, FED, PATCH, GRID = 16, 2, 2, 24, 4, (3, 2)  # GRID: rows, columns

CNN = {**SCALED, "stem_channels": 4, "stage_channels": [6, 8], "stage_blocks": [1, 2], "stage_strides": [2, 2],
       "attention": {"after_stage": 0, "inner_channels": 3, "scaled": True}}


def vit_parameters():
    shapes = {
        "embeddings.cls_token": (1, 1, WIDTH),
        "embeddings.position_embeddings": (1, 1 + GRID[0] * GRID[1], WIDTH),
        "embeddings.patch_embeddings.projection.weight": (WIDTH, 3, PATCH, PATCH),
        "embeddings.patch_embeddings.projection.bias": (WIDTH,),
    }
    for i in range(LAYERS):
        block = f"encoder.layer.{i}"
        dense = {"attention.attention.query": (WIDTH, WIDTH), "attention.attention.key": (WIDTH, WIDTH), "attention.attention.value": (WIDTH, WIDTH),
                 "attention.output.dense": (WIDTH, WIDTH), "intermediate.dense": (FED, WIDTH), "output.dense": (WIDTH, FED)}
        for name, shape in dense.items():
            shapes |= {f"{block}.{name}.weight": shape, f"{block}.{name}.bias": shape[:1]}
        for name in ("layernorm_before", "layernorm_after"):
            shapes |= {f"{block}.{name}.weight": (WIDTH,), f"{block}.{name}.bias": (WIDTH,)}
    shapes |= {"layernorm.weight": (WIDTH,), "layernorm.bias": (WIDTH,), "classifier.weight": (CLASSES, WIDTH), "classifier.bias": (CLASSES,)}

    def value(name, shape):
        if "norm" in name and name.endswith("weight"):
            return 1 + 0.2 * torch.randn(shape)
        return torch.randn(shape) * (0.2 if len(shape) in (1, 3) else torch.tensor(shape[1:]).prod().float() ** -0.5)

    return {name: value(name, shape) for name, shape in shapes.items()}


def vit_logits(p, pixels):
    """pixels [B, 3, H, W] -> logits; pre-norm blocks, exact GELU, class token."""
    def dense(name, x):
        return x @ p[f"{name}.weight"].T + p[f"{name}.bias"]

    def norm(name, x):
        return F.layer_norm(x, (WIDTH,), p[f"{name}.weight"], p[f"{name}.bias"], 1e-6)

    patches = F.conv2d(pixels, p["embeddings.patch_embeddings.projection.weight"], p["embeddings.patch_embeddings.projection.bias"], stride=PATCH)
    tokens = torch.cat([p["embeddings.cls_token"].expand(len(pixels), 1, WIDTH), patches.flatten(2).transpose(1, 2)], 1) + p["embeddings.position_embeddings"]
    for i in range(LAYERS):
        block = f"encoder.layer.{i}"
        x = norm(f"{block}.layernorm_before", tokens)
        q, k, v = (dense(f"{block}.attention.attention.{part}", x).unflatten(2, (HEADS, -1)).transpose(1, 2) for part in ("query", "key", "value"))
        weights = torch.softmax(q @ k.transpose(2, 3) / (WIDTH // HEADS) ** 0.5, -1)
        tokens = tokens + dense(f"{block}.attention.output.dense", (weights @ v).transpose(1, 2).flatten(2))
        fed = F.gelu(dense(f"{block}.intermediate.dense", norm(f"{block}.layernorm_after", tokens)))
        tokens = tokens + dense(f"{block}.output.dense", fed)
    return dense("classifier", norm("layernorm", tokens)[:, 0])


def vit_depth(name):
    if name.startswith("embeddings"):
        return 0
    block = re.match(r"encoder\.layer\.(\d+)", name)
    return int(block[1]) + 1 if block else LAYERS + 1


def cnn_depth(name):
    """stem, the one block of stage 0 and the module behind it, the two of stage 1, head"""
    depths = {"stem": 0, "stages.0": 1, "attention": 1, "stages.1.blocks.0": 2, "stages.1.blocks.1": 3, "head": 4}
    return next(depth for start, depth in depths.items() if name.startswith(start + "."))


def groups(parameters, depth_of, layer_decay):
    deepest = max(map(depth_of, parameters))
    return [{"params": [p], "lr": RATE * layer_decay ** (deepest - depth_of(name)), "weight_decay": DECAY if p.dim() in (2, 4) else 0.0}
            for name, p in parameters.items()]


def two_updates(make_optimiser, parameters, logits_of, pixels, targets):
    """Updates the parameters in place; yields what the first update saw."""
    optimiser = make_optimiser(parameters)
    for update in range(2):
        optimiser.zero_grad()
        logits = logits_of(pixels)
        loss = F.cross_entropy(logits, targets, label_smoothing=SMOOTHING)
        loss.backward()
        gradients = {name: p.grad.clone() for name, p in parameters.items()}
        norm = torch.nn.utils.clip_grad_norm_(parameters.values(), LARGEST_NORM)
        assert norm > LARGEST_NORM, "clipping would go untested"
        if update == 0:
            first = {"logits": logits.detach(), "loss": loss.detach().view(1), "norm": norm.view(1)} | {f"gradient.{name}": g for name, g in gradients.items()}
        optimiser.step()
    return first


def vit_case():
    start = vit_parameters()
    parameters = {}

    def fresh():
        parameters.clear()
        parameters.update({name: value.clone().requires_grad_() for name, value in start.items()})
        return parameters, lambda pixels: vit_logits(parameters, pixels), lambda: parameters

    return start, fresh, vit_depth, torch.randn(BATCH, 3, GRID[0] * PATCH, GRID[1] * PATCH)


def cnn_case():
    model = randomised(AttentionCnn(CNN))
    start = {name: value.clone() for name, value in state(model).items()}

    def fresh():
        model.load_state_dict({**model.state_dict(), **start})
        return dict(model.train().named_parameters()), model, lambda: state(model)

    return start, fresh, cnn_depth, torch.randn(BATCH, 3, 12, 10)


def main(out):
    torch.manual_seed(8)
    kinds = {
        "sgd": lambda depth: lambda p: torch.optim.SGD(groups(p, depth, LAYER_DECAY), lr=RATE, momentum=0.9, nesterov=True),
        "adamw": lambda depth: lambda p: torch.optim.AdamW(groups(p, depth, 1.0), lr=RATE, betas=(0.9, 0.99)),
    }
    tensors = {}
    for name, case in {"vit": vit_case, "cnn": cnn_case}.items():
        start, fresh, depth, pixels = case()
        targets = torch.softmax(2 * torch.randn(BATCH, CLASSES), 1)
        tensors |= {f"{name}.pixels": pixels.permute(0, 2, 3, 1), f"{name}.targets": targets}
        tensors |= {f"{name}.start.{key}": value for key, value in start.items()}
        for kind, make in kinds.items():
            parameters, logits_of, after = fresh()
            first = two_updates(make(depth), parameters, logits_of, pixels, targets)
            tensors |= {f"{name}.{key}": value for key, value in first.items()}  # the same for both
            tensors |= {f"{name}.{kind}.{key}": value.detach().clone() for key, value in after().items()}
    save(out, tensors)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else os.path.join(HERE, "steps.safetensors"))
