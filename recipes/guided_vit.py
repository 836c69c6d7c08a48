"""Teaches the ViT of everyday_vit.py to see finer: more patches to a picture, each told what the attention CNN saw there.

    python3 guided_vit.py look  --data DIR --teacher DIR --maps DIR
    python3 guided_vit.py train --data DIR --teacher DIR --maps DIR --start DIR --output DIR
--data    holds tiny-imagenet-200/, as everyday_vit.py wants it.
--teacher a folder that everyday_cnn.py exported: the model that is asked.
--maps    look writes maps.npy, float16 [pictures, 9, 9, 352]: what the teacher makes of every whole training picture
          behind its attention (96 channels, averaged to 9 × 9) and at its end (256); and their statistics. 5.7 GB.
--start   a Hugging Face ViT folder: config.json gives shape and labels, model.safetensors the first weights. Positions
          are stretched to the new grid.
--output  gets checkpoint.pt and a line of log.jsonl every 1000 steps, and at the end model.safetensors (F16) and configs.
          The same command goes on from the checkpoint.
A random crop reads its part of the map, so the teacher is asked once and never again: what it saw in the crop is the mean
of that part, through its head (Yun et al. 2021, "Re-labeling ImageNet"), and a patch token's is what lies there, which
a layer of its own must tell from the token (Li et al. 2022, "Locality Guidance for Improving Vision Transformers on Tiny
Datasets"). Most steps see some patches of each picture only (Liu et al. 2022, "PatchDropout"). Workers and --bfloat16 are
everyday_vit.py's. Needs PyTorch, NumPy, Pillow.
"""
import argparse, json, math, time
from pathlib import Path
import numpy as np
import torch, torch.distributed as dist, torch.nn.functional as F
import everyday_vit as vit
from everyday_cnn import model_in
from everyday_vit import SIDE, adamw, boxes, cropped, forward, halves, pictures, positions_for, rate_at, shaken, views, whole
from model_files import keep, load_safetensors, preprocessor, write_model
from workers import learn_together
CELLS, SEEN, POSITIONS = 9, 72, "vit.embeddings.position_embeddings"  # cells a side of a map; pixels a side that it is made of
EVERY = 1000  # steps from line to line of the log
CHANNELS = {"middle": 96, "end": 256}  # of a map, in this order

# ---- what the teacher sees -----------------------------------------------------------------------------------------
class Look(torch.nn.Module):
    """pixels [B, 3, 72, 72] → maps [B, 9, 9, 352]."""
    def __init__(self, teacher):
        super().__init__()
        self.teacher = teacher

    def forward(self, pixels):
        passed = self.teacher.passed_through(pixels)
        return torch.cat([F.avg_pool2d(passed["attention.output"], 2), passed["features"]], 1).permute(0, 2, 3, 1)

@torch.no_grad()
def look(rank, o):
    """One of several processes: every so many-th hundred of the pictures."""
    torch.set_num_threads(1)
    images, maps = pictures(o.data, "train")[0], np.load(Path(o.maps) / "maps.npy", mmap_mode="r+")
    seen = lambda at: whole(images[at:at + 100], SEEN).contiguous(memory_format=torch.channels_last)
    model = torch.jit.optimize_for_inference(torch.jit.freeze(torch.jit.trace(Look(model_in(o.teacher)[0]).eval(), seen(0))))
    for at in range(100 * rank, len(images), 100 * o.workers):
        maps[at:at + 100] = model(seen(at)).half().numpy()

def statistics_of(maps):
    """Mean and deviation of each channel, of every 25th picture."""
    some = maps[::25].astype(np.float32).reshape(-1, maps.shape[-1])
    return {"mean": some.mean(0), "deviation": some.std(0) + 1e-3}

# ---- the student ---------------------------------------------------------------------------------------------------
def shapes(c):  # those of the ViT, and the layers that tell the teacher's channels from a token
    told = [(f"guide.{name}", (count, c["hidden_size"])) for name, count in CHANNELS.items()]
    return {**vit.shapes(c), **{name + ".weight": shape for name, shape in told}, **{name + ".bias": shape[:1] for name, shape in told}}

def readings(start, length, count):
    """What `count` patches across a crop of [start, start + length) pixels take of the cells that lie there: [B, count, 9]."""
    centre = (start[:, None] + (torch.arange(count) + 0.5) * length[:, None] / count) * (CELLS / SIDE)
    return (1 - (torch.arange(CELLS) + 0.5 - centre.clamp(0.5, CELLS - 0.5)[..., None]).abs()).clamp(min=0)

def told_of(maps, box, flip, grid):
    """maps [B, 9, 9, C] → the part that crops show, a cell for each patch: [B, grid, grid, C]."""
    rows, columns = readings(box[:, 0], box[:, 2], grid), readings(box[:, 1], box[:, 3], grid)
    columns = torch.where(flip[:, None, None], columns.flip(1), columns)
    across = (rows @ maps.flatten(2)).unflatten(2, maps.shape[2:])
    return torch.einsum("bxg,bygc->byxc", columns, across)

def cutmix(x, y, soft, told, patch, g):
    """A box of whole patches comes from another picture of the batch, with all that is said of it."""
    grid, shift = told.shape[1], int(torch.randint(1, len(x), (1,), generator=g))
    size = max(1, min(grid - 1, round(grid * float(torch.rand(1, generator=g)) ** 0.5)))
    top, left = torch.randint(0, grid - size + 1, (2,), generator=g).tolist()
    rows, columns = (slice(at * patch, (at + size) * patch) for at in (top, left))
    x[..., rows, columns] = x.roll(shift, 0)[..., rows, columns]
    rows, columns = (slice(at, at + size) for at in (top, left))
    told[:, rows, columns] = told.roll(shift, 0)[:, rows, columns]
    stayed = 1 - (size / grid) ** 2
    return (stayed * of + (1 - stayed) * of.roll(shift, 0) for of in (y, soft))

class Lessons:
    """Batches of crops and what is to be said of them; the same seed and step give the same."""
    def __init__(self, o, c, rank):
        self.o, self.rank, self.classes = o, rank, len(c["id2label"])
        self.patch, self.grid = c["patch_size"], c["image_size"] // c["patch_size"]
        self.images, self.labels = pictures(o.data, "train")
        self.maps, statistics = np.load(Path(o.maps) / "maps.npy", mmap_mode="r"), np.load(Path(o.maps) / "statistics.npz")
        self.mean, self.deviation = (torch.from_numpy(statistics[key]) for key in ("mean", "deviation"))
        self.head, (self.kept, self.held_out) = model_in(o.teacher)[0].head, halves(self.labels)
        self.a_pass = len(self.kept) // (o.batch * o.workers)  # steps

    @torch.no_grad()
    def batch(self, step, done):
        """→ x [B, 3, side, side]; y, soft [B, classes], shares that sum to 1; told [B, patches, C]; places [B, K] or None."""
        o, grid = self.o, self.grid
        seed = o.seed * 1000 + step // self.a_pass
        order = self.kept[torch.randperm(len(self.kept), generator=torch.Generator().manual_seed(seed))]
        g = torch.Generator().manual_seed((seed * 10000 + step % self.a_pass) * 10 + self.rank)
        picked = order[(step % self.a_pass * o.workers + self.rank) * o.batch:][:o.batch].sort().values
        box = boxes(o.batch, max(o.crop, 0.6) if done >= 0.9 else o.crop, g)  # nearly whole pictures at the end
        flip = torch.rand(o.batch, generator=g) < 0.5
        x = shaken(cropped(self.images[picked.numpy()], self.patch * grid, box, flip), g)
        told = (torch.from_numpy(self.maps[picked.numpy()]).float() - self.mean) / self.deviation
        told = told_of(told, box, flip, grid)
        pooled = (told.mean((1, 2)) * self.deviation + self.mean)[:, -CHANNELS["end"]:]
        y, soft = F.one_hot(self.labels[picked], self.classes).float(), torch.softmax(self.head(pooled), 1)
        if float(torch.rand(1, generator=g)) < o.cutmix:
            y, soft = cutmix(x, y, soft, told, self.patch, g)
        told, places = told.flatten(1, 2), None
        count = next(count for until, count in o.patches if done < until)
        if count < grid * grid:
            places = torch.rand(o.batch, grid * grid, generator=g).topk(count, 1).indices.sort(1).values
            told = told.gather(1, places[..., None].expand(-1, -1, told.shape[2]))
        return x, y, soft, told, places

def losses_of(o, c, w, x, y, soft, told, places):
    """Cross-entropy with the labels, smoothed, and with the teacher's; distance of what tokens tell from its channels."""
    depth = c["num_hidden_layers"]
    read = {depth // 2 - 1: [], depth - 2: []}
    log = F.log_softmax(forward(w, c, x, torch.bfloat16 if o.bfloat16 else torch.float32, kept=places, read=read), 1)
    hard = -((0.9 * y + 0.1 / y.shape[1]) * log).sum(1).mean()
    taught = F.kl_div(log, soft, reduction="batchmean")
    parts = zip(CHANNELS, read.values(), told.split(list(CHANNELS.values()), 2))
    near = [F.smooth_l1_loss(F.linear(tokens.float(), w[f"guide.{n}.weight"], w[f"guide.{n}.bias"]), t) for n, (tokens,), t in parts]
    return (1 - o.taught) * hard + o.taught * taught + near[0] + 2 * near[1]

def first_or_resumed(o, c, home):
    checkpoint = Path(o.output) / "checkpoint.pt"
    if checkpoint.exists():
        return torch.load(checkpoint)
    given = load_safetensors(Path(o.start) / "model.safetensors")
    given[POSITIONS] = positions_for(c["image_size"] // c["patch_size"], given[POSITIONS], home)
    torch.manual_seed(0)
    for name, shape in shapes(c).items():
        if name not in given:
            given[name] = 0.02 * torch.randn(shape) if len(shape) > 1 else torch.zeros(shape)
    weights = torch.cat([given[name].flatten() for name in shapes(c)])
    state = {"weights": weights, "average": weights.clone(), "first": weights * 0, "second": weights * 0}
    return {**state, "step": 0, "epochs": o.epochs, "anchor": (o.warmup, o.rate)}

def train(rank, o):
    c = json.loads((Path(o.start) / "config.json").read_text())
    home, c["image_size"] = c["image_size"] // c["patch_size"], o.side
    lessons, state = Lessons(o, c, rank), first_or_resumed(o, c, home)
    decayed = torch.cat([torch.full((math.prod(s),), float(len(s) in (2, 4))) for s in shapes(c).values()])
    steps, began, total = round(lessons.a_pass * o.epochs), time.time(), 0.0
    unseen = lessons.images[lessons.held_out], lessons.labels[lessons.held_out]
    while state["step"] < steps:
        flat = state["weights"].requires_grad_()
        loss = losses_of(o, c, views(flat, shapes(c)), *lessons.batch(state["step"], state["step"] / steps))
        (gradient,) = torch.autograd.grad(loss, flat)
        dist.all_reduce(gradient)
        gradient /= o.workers
        adamw(o, state, gradient, decayed, rate_at(state, (state["step"] + 1) / lessons.a_pass))
        state["weights"], total = flat.detach(), total + float(loss)
        if rank == 0 and (state["step"] % EVERY == 0 or state["step"] == steps):
            line = {"step": state["step"], "of": steps, "loss": round(total / (state["step"] % EVERY or EVERY), 4)}
            line.update((f"top1_{key}", vit.accuracy(views(state[key], shapes(c)), c, *unseen)[0]) for key in ("weights", "average"))
            with open(Path(o.output) / "log.jsonl", "a") as log:
                print(json.dumps({**line, "seconds": round(time.time() - began)}), file=log)
            keep(state, Path(o.output) / "checkpoint.pt")
            began, total = time.time(), 0.0
    if rank == 0:
        export(o, c, state, unseen)

@torch.no_grad()
def export(o, c, state, unseen):
    """The better weights at the side at which they do best, on what is held out."""
    def at(key, side):
        w, grid = views(state[key], shapes(c)), side // c["patch_size"]
        w = {name: w[name] for name in vit.shapes(c)}
        return {**w, POSITIONS: positions_for(grid, w[POSITIONS], c["image_size"] // c["patch_size"])}, {**c, "image_size": side}
    ways = [(key, side) for key in ("weights", "average") for side in o.shown]
    scores = {way: vit.accuracy(*at(*way), *unseen)[0] for way in ways}
    print(json.dumps({f"{key}, {side} px": score for (key, side), score in scores.items()}))
    w, config = at(*max(scores, key=scores.get))
    write_model(o.output, w, config, preprocessor(config["image_size"]))

def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    l, t = commands.add_parser("look"), commands.add_parser("train")
    for p, name in [(p, name) for p in (l, t) for name in ("data", "teacher", "maps")] + [(t, "start"), (t, "output")]:
        p.add_argument("--" + name, required=True)
    for p in (l, t):
        p.add_argument("--workers", type=int, default=2, help="processes (2)")
    t.add_argument("--bfloat16", action="store_true", help="matrix products in bfloat16")
    for name, value, meaning in (
            ("side", 96, "pixels a side of pictures"), ("shown", "80,88,96,104,112", "sides to choose from in the end"),
            ("patches", "0.6:40,0.9:72,1:144", "until which share of the steps: patches that are seen"),
            ("epochs", 5.5, "passes over the training pictures"), ("batch", 128, "pictures of a worker a step"), ("rate", 8e-4, "peak learning rate"),
            ("warmup", 0.1, "passes until the peak"), ("decay", 0.05, "weight decay of matrices"), ("average", 0.998, "decay of the moving average"),
            ("crop", 0.4, "smallest share of the area shown"), ("cutmix", 0.5, "share of mixed batches"),
            ("taught", 0.7, "the teacher's share of the loss of answers"), ("seed", 11, "of order and crops")):
        t.add_argument("--" + name, type=type(value), default=value, help=f"{meaning} ({value})")
    o = parser.parse_args()
    if o.command == "train":
        o.shown = [int(side) for side in o.shown.split(",")]
        o.patches = [(float(until), int(count)) for until, count in (part.split(":") for part in o.patches.split(","))]
    return o

if __name__ == "__main__":
    o = arguments()
    images, _ = pictures(o.data, "train")
    if o.command == "look":
        Path(o.maps).mkdir(parents=True, exist_ok=True)
        file = Path(o.maps) / "maps.npy"
        np.lib.format.open_memmap(file, "w+", np.float16, (len(images), CELLS, CELLS, sum(CHANNELS.values()))).flush()
        torch.multiprocessing.spawn(look, (o,), o.workers)
        np.savez(Path(o.maps) / "statistics.npz", **statistics_of(np.load(file, mmap_mode="r")))
    else:
        Path(o.output).mkdir(parents=True, exist_ok=True)
        learn_together(train, o)
