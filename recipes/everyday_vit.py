"""Trains the small Vision Transformer of public/models/everyday-vit on CPU cores alone.

    python3 everyday_vit.py train    --data DIR --start DIR --output DIR [--epochs N] [--resume] [--bfloat16]
    python3 everyday_vit.py evaluate --data DIR --model DIR
--data    holds tiny-imagenet-200/: train/<wnid>/images/*, val/images/*, val/val_annotations.txt, wnids.txt.
--start   a Hugging Face ViT folder: config.json gives shape and labels, model.safetensors the first weights.
--output  gets checkpoint.pt and a line of log.jsonl after every pass, and at the end model.safetensors (F16) and configs.
--resume  goes on from checkpoint.pt; with another --epochs the rest of the cosine is fitted to the passes left.
--views   what a teacher answered to crops of the pictures (teacher_views.py); the passes see those crops and follow it.
A worker is a process with one thread; gradients are averaged over gloo. --bfloat16 is for matrix products in training
(several times faster where the CPU has AVX512-BF16); evaluation is always float32. Needs PyTorch, NumPy and Pillow.
"""
import argparse, json, math, time
from pathlib import Path
import numpy as np
import torch, torch.distributed as dist, torch.nn.functional as F
from PIL import Image
from model_files import keep, load_safetensors, preprocessor, write_model
from workers import learn_together
SIDE, PER_CLASS, HELD_OUT = 64, 500, 10  # Tiny-ImageNet; pictures of a class kept for choosing weights, not trained on

# ---- pictures ------------------------------------------------------------------------------------------------------
def pictures(data, split):
    """Decoded once, kept beside the data: uint8 [N, 64, 64, 3] (memory-mapped), class numbers [N]."""
    root = Path(data) / "tiny-imagenet-200"
    cache, labels = root / f"{split}-64.npy", root / f"{split}-labels.npy"
    if not labels.exists():
        wnids = (root / "wnids.txt").read_text().split()
        if split == "train":
            rows = [(p, i) for i, w in enumerate(wnids) for p in sorted((root / "train" / w / "images").iterdir())]
        else:
            lines = (root / "val" / "val_annotations.txt").read_text().splitlines()
            rows = [(root / "val" / "images" / name, wnids.index(wnid)) for name, wnid, *_ in map(str.split, lines)]
        out = np.lib.format.open_memmap(cache, "w+", np.uint8, (len(rows), SIDE, SIDE, 3))
        for i, (path, _) in enumerate(rows):
            out[i] = np.asarray(Image.open(path).convert("RGB").resize((SIDE, SIDE), Image.BILINEAR))
        np.save(labels, np.array([label for _, label in rows]))
    return np.load(cache, mmap_mode="r"), torch.from_numpy(np.load(labels))

def halves(labels):
    """Places of the training pictures to learn from, and of the few of each class that are held out (for NumPy)."""
    place = torch.arange(len(labels)) % PER_CLASS  # within its class; classes lie one after another
    return (place < PER_CLASS - HELD_OUT).nonzero()[:, 0], (place >= PER_CLASS - HELD_OUT).nonzero()[:, 0].numpy()

# ---- model: Hugging Face's ViTForImageClassification as one function of named weights -----------------------------
def shapes(c):  # tensor name → shape
    D, M, P = c["hidden_size"], c["intermediate_size"], c["patch_size"]
    layers = [("vit.embeddings.patch_embeddings.projection", (D, 3, P, P)), ("vit.layernorm", (D,)), ("classifier", (len(c["id2label"]), D))]
    block = [(f"attention.{part}", (D, D)) for part in ("attention.query", "attention.key", "attention.value", "output.dense")]
    block += [("layernorm_before", (D,)), ("layernorm_after", (D,)), ("intermediate.dense", (M, D)), ("output.dense", (D, M))]
    layers += [(f"vit.encoder.layer.{i}.{name}", shape) for i in range(c["num_hidden_layers"]) for name, shape in block]
    parts = [part for name, shape in layers for part in ((name + ".weight", shape), (name + ".bias", shape[:1]))]
    positions = ("vit.embeddings.position_embeddings", (1, (c["image_size"] // P) ** 2 + 1, D))
    return dict([("vit.embeddings.cls_token", (1, 1, D)), positions, *parts])

def positions_for(grid, positions, home):  # [1, home² + 1, D] → [1, grid² + 1, D]; the class token's stays as it is
    plane = positions[:, 1:].unflatten(1, (home, home)).permute(0, 3, 1, 2)  # [1, D, home, home]
    plane = F.interpolate(plane, (grid, grid), mode="bilinear", align_corners=False)
    return torch.cat([positions[:, :1], plane.flatten(2).transpose(1, 2)], 1)

def forward(w, c, x, dtype=torch.float32, kept=None, read={}):
    """image [B, 3, side, side] in -1…1 → logits [B, classes]; any side that is a multiple of the patch.

    kept: places [B, K] of the patches that go in; all of them without. read: block → a list that is given its patch
    tokens, [B, K, D]; of the last block there are none."""
    D, H, P, depth = (c[k] for k in ("hidden_size", "num_attention_heads", "patch_size", "num_hidden_layers"))
    B, grid = x.shape[0], x.shape[2] // P
    def linear(x, *names):  # layers that read one input are one product
        weight, bias = (torch.cat([w[f"{n}.{part}"] for n in names]).to(dtype) for part in ("weight", "bias"))
        return F.linear(x.to(dtype), weight.flatten(1), bias)
    norm = lambda x, name: F.layer_norm(x, (D,), w[name + ".weight"], w[name + ".bias"], c["layer_norm_eps"])
    heads = lambda x, count: x.unflatten(2, (count, H, D // H)).permute(2, 0, 3, 1, 4)  # → [count, B, H, T, D / H]
    patches = x.reshape(B, 3, grid, P, grid, P).permute(0, 2, 4, 1, 3, 5).reshape(B, grid * grid, 3 * P * P)
    first, places = positions_for(grid, w["vit.embeddings.position_embeddings"], c["image_size"] // P).split([1, grid * grid], 1)
    if kept is not None:
        patches, places = patches.gather(1, kept[..., None].expand(-1, -1, patches.shape[2])), places[0][kept]
    h = linear(patches, "vit.embeddings.patch_embeddings.projection").float() + places
    h = torch.cat([(w["vit.embeddings.cls_token"] + first).expand(B, 1, D), h], 1)  # [B, T, D]
    for i in range(depth):
        n = f"vit.encoder.layer.{i}."
        query, *others = (f"{n}attention.attention.{part}" for part in ("query", "key", "value"))
        z = norm(h, n + "layernorm_before")
        if i + 1 < depth:
            q, k, v = heads(linear(z, query, *others), 3)
        else:  # after the last block only the class token is read, so only it asks
            h = h[:, :1]
            q, (k, v) = heads(linear(z[:, :1], query), 1)[0], heads(linear(z, *others), 2)
        weights = torch.softmax((q * (D // H) ** -0.5) @ k.transpose(-1, -2), -1)  # [B, H, T, T]
        h = h + linear((weights @ v).transpose(1, 2).flatten(2), n + "attention.output.dense")
        hidden = F.gelu(linear(norm(h, n + "layernorm_after"), n + "intermediate.dense"))
        h = h + linear(hidden, n + "output.dense")
        if i in read:
            read[i].append(h[:, 1:])
    return F.linear(norm(h[:, 0], "vit.layernorm"), w["classifier.weight"], w["classifier.bias"])

# ---- pictures → batches --------------------------------------------------------------------------------------------
def plain(images):
    """uint8 [B, 64, 64, 3] → float [B, 3, 64, 64] in -1…1."""
    return (torch.from_numpy(np.array(images)).float() / 127.5 - 1).permute(0, 3, 1, 2)

def resampling(start, length, side):
    """Rows of Pillow's bilinear (triangle) filter that read [start, start + length) into `side` pixels: [B, side, 64]."""
    scale = (length / side).view(-1, 1, 1)
    centre = start.view(-1, 1, 1) + (torch.arange(side).view(1, -1, 1) + 0.5) * scale
    weight = (1 - (torch.arange(SIDE).view(1, 1, -1) + 0.5 - centre).abs() / scale.clamp(min=1)).clamp(min=0)
    return weight / weight.sum(-1, keepdim=True)

def boxes(count, smallest, g):
    """Random crops of `smallest`…1 of the area, in pixels: top, left, height, width [B, 4]."""
    draw = lambda low, high: torch.rand(count, generator=g) * (high - low) + low
    area, aspect = draw(smallest, 1), draw(-0.288, 0.288).exp()  # aspect 3/4…4/3
    height, width = (((area * a).sqrt() * SIDE).clamp(max=SIDE) for a in (1 / aspect, aspect))
    return torch.stack([draw(0, 1) * (SIDE - height), draw(0, 1) * (SIDE - width), height, width], 1)

def cropped(images, side, box, flip):
    """The boxes, [B, 4], resized and mirrored where flip, [B], says so: [B, 3, side, side]."""
    rows, columns = (resampling(box[:, i], box[:, i + 2], side) for i in (0, 1))
    columns = torch.where(flip.view(-1, 1, 1), columns.flip(1), columns)
    return rows[:, None] @ plain(images).contiguous() @ columns.transpose(1, 2)[:, None]

def whole(images, side):
    """All of the pictures at another size, as `preprocessor` makes them: [B, 3, side, side]."""
    if side == SIDE:
        return plain(images)
    return cropped(images, side, torch.tensor([[0.0, 0, SIDE, SIDE]]).expand(len(images), 4), torch.zeros(len(images), dtype=torch.bool))

def augmented(images, side, smallest, g, box=None):
    """Random crop (or the one given), resized, flipped, colours shaken a little: [B, 3, side, side]."""
    box = boxes(len(images), smallest, g) if box is None else box
    return shaken(cropped(images, side, box, torch.rand(len(images), generator=g) < 0.5), g)

def shaken(x, g):
    """Colours, contrast and light changed a little, each picture's in its own way."""
    draw = lambda low, high: torch.rand(len(x), generator=g) * (high - low) + low
    colour, contrast, light = (draw(*r).view(-1, 1, 1) for r in ((0.7, 1.3), (0.75, 1.25), (-0.2, 0.2)))
    matrix = (colour * torch.eye(3) + (1 - colour) / 3) * contrast  # [B, 3, 3]
    return (matrix @ x.flatten(2) + light).view_as(x)

def cutmix(x, y, g):
    """A box of every picture comes from another one of the batch; → pictures, the others' classes, share that stayed."""
    side, shift = x.shape[2], int(torch.randint(1, len(x), (1,), generator=g))
    size = int(side * float(torch.rand(1, generator=g)) ** 0.5)
    top, left = torch.randint(0, side - size + 1, (2,), generator=g).tolist()
    x[..., top:top + size, left:left + size] = x.roll(shift, 0)[..., top:top + size, left:left + size]
    return x, y.roll(shift), 1 - (size / side) ** 2

@torch.no_grad()
def accuracy(w, c, images, labels):
    """Top-1 and top-5 in per cent, whole pictures, float32."""
    side = c["image_size"]
    logits = torch.cat([forward(w, c, whole(images[i:i + 250], side)) for i in range(0, len(images), 250)])
    return [round(100 * float((logits.topk(k).indices == labels[:, None]).any(1).float().mean()), 2) for k in (1, 5)]

# ---- training: all weights are one long vector, so a step is a few lines -------------------------------------------
def views(flat, named):  # one long vector → the named weights
    parts = flat.split([math.prod(shape) for shape in named.values()])
    return {name: part.view(shape) for part, (name, shape) in zip(parts, named.items())}

def first_or_resumed(o, c, checkpoint):
    """anchor: the passes done and the rate from which the cosine falls to 0 at `epochs`."""
    if not (o.resume and checkpoint.exists()):
        given = load_safetensors(Path(o.start) / "model.safetensors")
        weights = torch.cat([given[name].flatten() for name in shapes(c)])
        state = {"weights": weights, "average": weights.clone(), "first": weights * 0, "second": weights * 0}
        return {**state, "epoch": 0, "step": 0, "epochs": o.epochs, "anchor": (o.warmup, o.rate)}
    state = torch.load(checkpoint)
    if state["epochs"] != o.epochs:  # a finished run has rate 0: it starts from --rate again
        state.update(anchor=(state["epoch"], o.refit_rate or rate_at(state, state["epoch"]) or o.rate), epochs=o.epochs)
    return state

def rate_at(state, passes):
    at, peak = state["anchor"]
    fall = 0.5 * (1 + math.cos(math.pi * min(1, (passes - at) / (state["epochs"] - at))))
    return peak * (passes / at if passes < at else fall)

@torch.no_grad()
def adamw(o, state, gradient, decayed, rate):
    """One step, the gradient clipped at norm 1; the moving average follows. decayed: 1 for matrices, 0 elsewhere."""
    state["step"] += 1
    t, flat = state["step"], state["weights"]
    gradient.mul_(min(1.0, 1.0 / (float(gradient.norm()) + 1e-6)))
    state["first"].lerp_(gradient, 1 - 0.9)
    state["second"].lerp_(gradient.square(), 1 - 0.999)
    flat.sub_(decayed * flat, alpha=rate * o.decay)
    flat.addcdiv_(state["first"], (state["second"] / (1 - 0.999**t)).sqrt() + 1e-8, value=-rate / (1 - 0.9**t))
    state["average"].lerp_(flat, 1 - min(o.average, (1 + t) / (10 + t)))

def loss_of(o, logits, y, answer):
    """Cross-entropy with smoothed labels; part of it after a teacher's logits, where there are (Hinton et al. 2015)."""
    hard = F.cross_entropy(logits, y, label_smoothing=0.1)
    if answer is None:
        return hard
    given, wanted = (F.log_softmax(v.float() / o.temperature, 1) for v in (logits, answer))
    soft = F.kl_div(given, wanted, reduction="batchmean", log_target=True) * o.temperature**2
    return (1 - o.taught) * hard + o.taught * soft

def one_pass(o, c, state, rank, images, labels, kept, decayed, views_of):
    """All kept pictures once, in the order the seed gives; → mean loss. views_of: boxes and a teacher's logits, or None."""
    epoch, seed, batch = state["epoch"], o.seed * 1000 + state["epoch"], o.batch * o.workers
    side = o.small_side if epoch < o.small_share * o.epochs else c["image_size"]
    last = epoch >= 0.9 * o.epochs  # the last passes see nearly whole, unmixed pictures
    order = kept[torch.randperm(len(kept), generator=torch.Generator().manual_seed(seed))]
    g = torch.Generator().manual_seed(seed * 100 + rank + 1)
    flat, steps, total = state["weights"].requires_grad_(), len(kept) // batch, 0.0
    for step in range(steps):
        picked = order[step * batch + rank * o.batch:][:o.batch].sort().values
        box, answer = (part[picked] for part in views_of) if views_of else (None, None)
        x, y = augmented(images[picked.numpy()], side, max(o.crop, 0.7) if last else o.crop, g, box), labels[picked]
        own, mixed = torch.arange(len(y)), not last and float(torch.rand(1, generator=g)) < o.cutmix
        x, other, stayed = cutmix(x, own, g) if mixed else (x, own, 1.0)
        logits = forward(views(flat, shapes(c)), c, x, torch.bfloat16 if o.bfloat16 else torch.float32)
        shares = [(s, at) for s, at in ((stayed, own), (1 - stayed, other)) if s > 0]
        loss = sum(s * loss_of(o, logits, y[at], answer[at] if views_of else None) for s, at in shares)
        (gradient,) = torch.autograd.grad(loss, flat)
        dist.all_reduce(gradient)
        adamw(o, state, gradient.div_(o.workers), decayed, rate_at(state, epoch + (step + 1) / steps))
        total += float(loss)
    state["weights"] = flat.detach()
    return total / steps

def train(rank, o):
    output, c = Path(o.output), json.loads((Path(o.start) / "config.json").read_text())
    state = first_or_resumed(o, c, output / "checkpoint.pt")
    images, labels = pictures(o.data, "train")
    kept, dev = halves(labels)
    decayed = torch.cat([torch.full((math.prod(s),), float(len(s) in (2, 4))) for s in shapes(c).values()])
    files = sorted(Path(o.views).glob("view-*.npz")) if o.views else []
    while state["epoch"] < o.epochs:
        began = time.time()
        view = np.load(files[state["epoch"] % len(files)]) if files else None
        views_of = [torch.from_numpy(view[key]) for key in ("boxes", "logits")] if files else None
        loss = one_pass(o, c, state, rank, images, labels, kept, decayed, views_of)
        state["epoch"] += 1
        scores = torch.zeros(2)
        for i, key in enumerate(("weights", "average")):  # shared out over the workers
            if rank == i % o.workers:
                scores[i] = accuracy(views(state[key], shapes(c)), c, images[dev], labels[dev])[0]
        dist.all_reduce(scores)
        if rank == 0:
            state["better"] = "average" if scores[1] >= scores[0] else "weights"
            line = {"epoch": state["epoch"], "seconds": round(time.time() - began), "loss": round(loss, 4)}
            line.update((name, round(float(score), 2)) for name, score in zip(("dev_top1", "dev_top1_average"), scores))
            with open(output / "log.jsonl", "a") as log:
                print(json.dumps(line), file=log)
            keep(state, output / "checkpoint.pt")
    if rank == 0:
        write_model(output, views(state[state["better"]], shapes(c)), c, preprocessor(c["image_size"]))

def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    t, e = commands.add_parser("train"), commands.add_parser("evaluate")
    for p, name in ((t, "data"), (t, "start"), (t, "output"), (e, "data"), (e, "model")):
        p.add_argument("--" + name, required=True)
    t.add_argument("--views", help="folder of teacher_views.py")
    t.add_argument("--resume", action="store_true")
    t.add_argument("--bfloat16", action="store_true")
    for name, value, meaning in (
            ("epochs", 40, "passes over the training pictures"), ("workers", 2, "processes"),
            ("batch", 64, "pictures a step and worker"), ("rate", 1e-3, "peak learning rate"),
            ("warmup", 0.5, "passes until the peak"), ("decay", 0.05, "weight decay of matrices"),
            ("average", 0.9995, "decay of the moving average"), ("crop", 0.3, "smallest share of the area shown"), ("cutmix", 0.5, "share of mixed batches"),
            ("small-side", 48, "pixels of the first passes"), ("small-share", 0.75, "their share"), ("seed", 1, "of order and crops"),
            ("taught", 0.7, "the teacher's share of the loss"), ("temperature", 2.0, "of its answers and the student's"),
            ("refit-rate", 0.0, "where a re-fitted cosine starts; 0: at the rate reached")):
        t.add_argument("--" + name, type=type(value), default=value, help=f"{meaning} ({value})")
    return parser.parse_args()

if __name__ == "__main__":
    o = arguments()
    if o.command == "train":
        Path(o.output).mkdir(parents=True, exist_ok=True)
        pictures(o.data, "train")
        learn_together(train, o)
    else:
        c, w = json.loads((Path(o.model) / "config.json").read_text()), load_safetensors(Path(o.model) / "model.safetensors")
        print(json.dumps(dict(zip(("top1", "top5"), accuracy(w, c, *pictures(o.data, "val"))))))
