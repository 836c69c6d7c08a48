"""The PyTorch side of ten-classes.json: the architecture, figures, pictures and chance of `patchlight train`.

    python3 ten_classes.py --recipe ten-classes.json --data TEN [--seed N] [--log FILE]
--recipe  is read as the trainer reads it, as far as that recipe goes.
--data    holds train/, held-out/ and val/ with a folder for each class: ten-classes.sh makes them.
--seed    in place of the recipe's.
--log     gets a line of JSON after every update and epoch, as the trainer's training-log.jsonl.
First weights, order, crops and flips are drawn as the trainer draws them, so that with one seed both sides see the same
batches, and only the rounding of float32 tells them apart. Needs PyTorch, NumPy and Pillow.
"""
import argparse, json, math
from pathlib import Path
import numpy as np
import torch, torch.nn.functional as F
from PIL import Image
from everyday_vit import forward, plain, shapes
ORDER, PICTURES, NEW_MODEL = 2, 3, 4  # streams of a run's chance

# ---- chance --------------------------------------------------------------------------------------------------------
def stream_of(seed, *path):
    """Uniform numbers in [0, 1): xoshiro128** as worker/training/stream-seed.ts and worker/contract/random.ts have it."""
    cut = lambda word: word & 0xFFFFFFFF
    turn = lambda word, bits: cut(word << bits | word >> 32 - bits)
    word = seed ^ 0x811C9DC5
    for number in path:
        word = cut((word ^ number) * 0x01000193)
    def scramble(step):
        w = cut(word + step * 0x9E3779B9)
        w = cut((w ^ w >> 16) * 0x85EBCA6B)
        w = cut((w ^ w >> 13) * 0xC2B2AE35)
        return w ^ w >> 16
    a, b, c, d = map(scramble, (1, 2, 3, 4))
    def draw():
        nonlocal a, b, c, d
        result, shifted = cut(turn(cut(b * 5), 7) * 9), cut(b << 9)
        c, d = c ^ a, d ^ b
        b, a = b ^ c, a ^ d
        c, d = c ^ shifted, turn(d, 11)
        return result / 2**32
    return draw

def shuffled(length, draw):
    order = list(range(length))
    for last in range(length - 1, 0, -1):
        at = int(draw() * (last + 1))
        order[last], order[at] = order[at], order[last]
    return order

def truncated(draw):
    """Normal (Box & Muller 1958), drawn anew where it lies more than two deviations out."""
    while True:
        normal = math.sqrt(-2 * math.log(1 - draw())) * math.cos(2 * math.pi * draw())
        if abs(normal) <= 2:
            return normal

# ---- model ---------------------------------------------------------------------------------------------------------
def config_of(model, classes):
    return {"image_size": model["imageSize"], "patch_size": model["patchSize"], "hidden_size": model["hiddenSize"],
            "num_hidden_layers": model["layers"], "num_attention_heads": model["heads"],
            "intermediate_size": model["intermediateSize"], "layer_norm_eps": 1e-6, "id2label": dict.fromkeys(range(classes))}

def first_weights(c, draw):
    """Name → tensor, drawn in the trainer's order: that of worker/models/vit/parameters.ts."""
    block = ["layernorm_before", *(f"attention.attention.{part}" for part in ("query", "key", "value")),
             "attention.output.dense", "layernorm_after", "intermediate.dense", "output.dense"]
    layers = [f"encoder.layer.{i}.{layer}" for i in range(c["num_hidden_layers"]) for layer in block]
    layers = [f"vit.{layer}" for layer in ("embeddings.patch_embeddings.projection", *layers, "layernorm")]
    names = ["vit.embeddings.cls_token", "vit.embeddings.position_embeddings"]
    names += [f"{layer}.{part}" for layer in (*layers, "classifier") for part in ("weight", "bias")]
    def first(name, shape):
        if name.startswith("classifier") or name.endswith("bias"): return torch.zeros(shape)
        if "layernorm" in name: return torch.ones(shape)
        return torch.tensor([0.02 * truncated(draw) for _ in range(math.prod(shape))]).view(shape)
    return {name: first(name, shapes(c)[name]).requires_grad_() for name in names}

# ---- pictures ------------------------------------------------------------------------------------------------------
def pictures(folder, side):
    """uint8 [N, side, side, 3], class numbers [N]"""
    classes = sorted(p.name for p in folder.iterdir())
    rows = [(path, at) for at, name in enumerate(classes) for path in sorted((folder / name).iterdir())]
    read = lambda path: np.asarray(Image.open(path).convert("RGB").resize((side, side), Image.BILINEAR))
    return np.stack([read(path) for path, _ in rows]), torch.tensor([at for _, at in rows])

def crop_box(side, crop, draw):
    """torchvision's RandomResizedCrop of a square picture: left, top, right, bottom."""
    between = lambda low, high: low + (high - low) * draw()
    length = lambda x: math.floor(math.sqrt(x) + 0.5)
    for _ in range(10):
        area, ratio = side * side * between(*crop["scale"]), math.exp(between(*map(math.log, crop["ratio"])))
        width, height = length(area * ratio), length(area / ratio)
        if 0 < width <= side and 0 < height <= side:
            top, left = int(draw() * (side - height + 1)), int(draw() * (side - width + 1))
            return left, top, left + width, top + height
    return 0, 0, side, side

def augmented(picture, side, augment, draw):
    part = Image.fromarray(picture).crop(crop_box(len(picture), augment["crop"], draw))
    resized = np.asarray(part.resize((side, side), Image.BILINEAR))
    flip = draw() < augment["flip"]
    draw()  # whether to erase; the recipe never does
    return resized[:, ::-1] if flip else resized

# ---- training ------------------------------------------------------------------------------------------------------
def rate_at(learning, step, steps):
    warmup = learning["schedule"]["warmup"]
    if step < warmup: return learning["rate"] * (step + 1) / warmup
    return learning["rate"] / 2 * (1 + math.cos(math.pi * (step - warmup) / (steps - warmup)))

@torch.no_grad()
def measure(w, c, images, labels):
    logits = torch.cat([forward(w, c, plain(images[i:i + 250])) for i in range(0, len(images), 250)])
    right = logits.argmax(1) == labels
    return {"pictures": len(images), "loss": float(F.cross_entropy(logits, labels)), "top1": float(right.float().mean())}

def train(recipe, data, seed, tell):
    model, learning, batch = recipe["model"], recipe["learning"], recipe["data"]["batch"]
    side, kept = model["imageSize"], recipe["data"]["side"]
    images, labels = pictures(data / recipe["data"]["train"], kept)
    held, val = (pictures(data / split, side) for split in (recipe["data"]["validation"], "val"))
    c = config_of(model, int(labels.max()) + 1)
    w = first_weights(c, stream_of(seed, NEW_MODEL))
    decaying = [p for p in w.values() if p.dim() in (2, 4)]  # matrices and the patch kernel
    others = [p for p in w.values() if p.dim() not in (2, 4)]
    groups = [{"params": decaying, "weight_decay": learning["decay"]}, {"params": others, "weight_decay": 0}]
    optimiser = torch.optim.AdamW(groups, betas=learning["optimiser"]["betas"])
    per_epoch = len(images) // batch
    for update in range(per_epoch * learning["epochs"]):
        epoch, index = divmod(update, per_epoch)
        if index == 0: order = shuffled(len(images), stream_of(seed, ORDER, epoch))
        rows, draw = order[index * batch:(index + 1) * batch], stream_of(seed, PICTURES, epoch, index)
        seen = np.stack([augmented(images[row], side, recipe["augment"], draw) for row in rows])
        loss = F.cross_entropy(forward(w, c, plain(seen)), labels[rows], label_smoothing=learning["labelSmoothing"])
        optimiser.zero_grad()
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(w.values(), learning["clip"])
        for group in optimiser.param_groups: group["lr"] = rate_at(learning, update, per_epoch * learning["epochs"])
        optimiser.step()
        tell({"kind": "update", "epoch": epoch + 1, "update": update + 1, "loss": float(loss), "norm": float(norm)})
        if index + 1 == per_epoch:
            tell({"kind": "epoch", "epoch": epoch + 1, "update": update + 1, "validation": measure(w, c, *held)})
    print("last epoch:", json.dumps({"held-out": measure(w, c, *held), "val": measure(w, c, *val)}))

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recipe", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--log", type=Path)
    o = parser.parse_args()
    recipe, log = json.loads(o.recipe.read_text()), o.log and o.log.open("w")
    def tell(line):
        if log: print(json.dumps(line), file=log, flush=True)
        if line["kind"] == "epoch": print(f"epoch {line['epoch']}: {100 * line['validation']['top1']:.1f} % of those held out", flush=True)
    train(recipe, o.data, recipe["learning"]["seed"] if o.seed is None else o.seed, tell)
