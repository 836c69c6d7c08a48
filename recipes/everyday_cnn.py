"""Trains the attention CNN (worker/models/attention-cnn) on CPU cores alone.

    python3 everyday_cnn.py train    --data DIR --labels DIR --output DIR [--work N | --minutes N] [--resume] [--plain]
    python3 everyday_cnn.py evaluate --data DIR --model DIR
--data    holds tiny-imagenet-200/, as everyday_vit.py wants it.
--labels  a model folder whose config.json names the classes.
--output  gets checkpoint.pt and a line of log.jsonl after every pass, and at the end export/: model.safetensors (F16,
          running statistics F32) and configs.
--work    what the run costs, in passes over the training pictures at full size. Most of it goes to small pictures, so
          that the network sees each picture 2.5 times as often; side and rate follow the share of it done.
--minutes fits the same schedule to a time on the clock instead; such a run cannot be repeated number for number.
--start   a folder exported before, whose weights come first in place of drawn ones.
--resume  goes on from checkpoint.pt.
--plain   leaves the attention module out, of --start too; --new-module draws it anew there, which does nothing before it
          has learned (γ = 0): from one --start the two arms of an ablation.
A worker is a process with one thread; gradients are averaged over gloo. Convolutions are bfloat16 without --float32,
evaluation is always float32. Needs PyTorch, NumPy and Pillow; an AMD CPU may want OPENBLAS_CORETYPE=SkylakeX set.
Measured: --minutes 28.2 on two shared cores with AVX512-BF16, 7.5 passes for a work of 2.8: 43.3 % top-1, 70.8 % top-5.
Then from there, two hours of one core with AVX2, 2.8 passes: 49.9 %. Then 56 minutes of two with AVX512-BF16, 16 passes:
59.4 %. See the model's card.
"""
import argparse, json, sys, time
from pathlib import Path
import numpy as np
import torch, torch.distributed as dist, torch.nn.functional as F
sys.path.append(str(Path(__file__).resolve().parent.parent / "test" / "golden"))
from everyday_vit import SIDE, augmented, cutmix, halves, pictures, whole
from make_attention_cnn import AttentionCnn, state as tensors_of
from model_files import keep, load_safetensors, preprocessor, write_model
from workers import learn_together

# Maps of 32, 16 and 8 px a side; attention between the 256 positions of the second. The stem halves the picture: maps
# at full size cost time, in memory traffic above all.
SHAPE = {
    "architectures": ["AttentionCnnForImageClassification"], "model_type": "attention-cnn",
    "image_size": SIDE, "num_channels": 3, "stem_channels": 32, "stem_stride": 2,
    "stage_channels": [32, 96, 256], "stage_blocks": [1, 3, 3], "stage_strides": [1, 2, 2],
    "hidden_act": "relu", "batch_norm_eps": 1e-5,
    "attention": {"after_stage": 1, "inner_channels": 64, "scaled": True},
}

# ---- model ---------------------------------------------------------------------------------------------------------
def config_with(labels, with_attention=True):
    given = json.loads((Path(labels) / "config.json").read_text())
    shape = SHAPE if with_attention else {**SHAPE, "attention": None}
    return {**shape, "id2label": given["id2label"], "label2id": given["label2id"], "torch_dtype": "float16"}

def first_weights(c, seed):
    """He's for kernels; blocks start as their shortcuts (scale of the last norm 0), the module as nothing (γ = 0)."""
    torch.manual_seed(seed)
    model = AttentionCnn(c)
    for name, p in model.named_parameters():
        if p.dim() == 4 and not name.startswith("attention"):
            torch.nn.init.kaiming_normal_(p, mode="fan_out", nonlinearity="relu")
        elif name.endswith("conv2.norm.weight"):
            torch.nn.init.zeros_(p)
    return torch.cat([t.flatten() for t in tensors_of(model).values()])

def model_on(vector, c):
    """A model whose parameters and running statistics are views of one long vector."""
    model = AttentionCnn(c)
    own = {**dict(model.named_parameters()), **dict(model.named_buffers())}
    sizes = [t.numel() for t in tensors_of(model).values()]
    for name, part in zip(tensors_of(model), vector.split(sizes)):
        own[name].data = part.view(own[name].shape)
    return model

def weights_in(folder, with_attention=True):
    """An exported model as one long vector, its attention module left out if so wished."""
    given = load_safetensors(Path(folder) / "model.safetensors")
    c = json.loads((Path(folder) / "config.json").read_text())
    c = c if with_attention else {**c, "attention": None}
    return torch.cat([given[name].flatten() for name in tensors_of(AttentionCnn(c))])

def model_in(folder):
    """An exported model and its config."""
    c = json.loads((Path(folder) / "config.json").read_text())
    return model_on(weights_in(folder), c).eval(), c

def first_of(o, c):
    """Drawn weights or those of --start, as --plain and --new-module have it."""
    if not o.start:
        return first_weights(c, o.seed)
    given = weights_in(o.start, not o.plain)
    if o.new_module:
        to, anew = (tensors_of(model_on(vector, c)) for vector in (given, first_weights(c, o.seed)))
        for name in to:
            if name.startswith("attention."):
                to[name].copy_(anew[name])
    return given

def logits_of(model, x, bfloat16):
    with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
        return model(x.contiguous(memory_format=torch.channels_last)).float()

@torch.no_grad()
def accuracy(model, c, images, labels):
    """Top-1 and top-5 in per cent, whole pictures, float32."""
    model.eval()
    side = c["image_size"]
    logits = torch.cat([logits_of(model, whole(images[i:i + 250], side), False) for i in range(0, len(images), 250)])
    return [round(100 * float((logits.topk(k).indices == labels[:, None]).any(1).float().mean()), 2) for k in (1, 5)]

# ---- training ------------------------------------------------------------------------------------------------------
def rate_at(o, done):
    """One cycle: up to the peak in a straight line, down to nothing along one."""
    return o.rate * (done / o.rise if done < o.rise else max(0.0, (1 - done) / (1 - o.rise)))

@torch.no_grad()
def sgd(o, state, gradient, decayed, rate):
    """One step with Nesterov momentum; the moving average, of running statistics too, follows."""
    state["step"] += 1
    gradient.add_(decayed * state["weights"], alpha=o.decay)
    state["momentum"].mul_(0.9).add_(gradient)
    state["weights"].sub_(gradient.add_(state["momentum"], alpha=0.9), alpha=rate)
    state["average"].lerp_(state["weights"], 1 - min(o.average, (1 + state["step"]) / (10 + state["step"])))

def one_pass(o, c, state, rank, images, labels, kept):
    """All kept pictures once, fewer where the work ends, in the order the seed gives; → mean loss, pictures seen."""
    seed, batch = o.seed * 1000 + state["pass"], o.batch * o.workers
    order = kept[torch.randperm(len(kept), generator=torch.Generator().manual_seed(seed))]
    g = torch.Generator().manual_seed(seed * 100 + rank + 1)
    model = model_on(state["weights"], c).train()
    own, sizes = dict(model.named_parameters()), [t.numel() for t in tensors_of(model).values()]
    reduced = torch.zeros(len(state["weights"]) + 1)  # the gradient, and the clock: workers must agree on the time
    for name, part in zip(tensors_of(model), reduced[:-1].split(sizes)):
        if name in own:  # a running statistic has no gradient
            own[name].grad = part.view(own[name].shape)
    decayed = torch.cat([torch.full((t.numel(),), float(t.dim() > 1)) for t in tensors_of(model).values()])
    began, before, steps, total = time.time(), state["seconds"], 0, 0.0
    while steps < len(kept) // batch and state["done"] < 1:
        side = next(side for until, side in o.sides if state["done"] < until)
        picked = order[steps * batch + rank * o.batch:][:o.batch].sort().values
        smallest = o.crop if side < SIDE else max(o.crop, 0.5)  # nearly whole pictures at the end
        x, y = augmented(images[picked.numpy()], side, smallest, g), labels[picked]
        mixed = side < SIDE and float(torch.rand(1, generator=g)) < o.cutmix
        x, other, stayed = cutmix(x, y, g) if mixed else (x, y, 1.0)
        logits = logits_of(model, x, not o.float32)
        loss = sum(s * F.cross_entropy(logits, t, label_smoothing=0.1) for s, t in ((stayed, y), (1 - stayed, other)))
        reduced.zero_()
        loss.backward()
        reduced[-1] = before + time.time() - began
        dist.all_reduce(reduced)
        reduced /= o.workers
        state["seconds"] = float(reduced[-1])
        state["work"] += (side / SIDE) ** 2 * batch / len(kept)
        state["done"] = state["seconds"] / (60 * o.minutes) if o.minutes else state["work"] / o.work
        sgd(o, state, reduced[:-1], decayed, rate_at(o, state["done"]))
        steps, total = steps + 1, total + float(loss)
    for key in ("weights", "average"):  # running statistics differ between workers; all else is equal already
        dist.all_reduce(state[key])
        state[key].div_(o.workers)
    return total / max(steps, 1), steps * batch

def train(rank, o):
    output, c = Path(o.output), config_with(o.labels, not o.plain)
    if o.resume and (output / "checkpoint.pt").exists():
        state = torch.load(output / "checkpoint.pt")
    else:
        first = first_of(o, c)
        state = {"weights": first, "average": first.clone(), "momentum": first * 0,
                 "step": 0, "pass": 0, "work": 0.0, "done": 0.0, "seconds": 0.0}
    images, labels = pictures(o.data, "train")
    kept, dev = halves(labels)
    while state["done"] < 1:
        began = time.time()
        loss, seen = one_pass(o, c, state, rank, images, labels, kept)
        state["pass"] += 1
        trained, scores = time.time(), torch.zeros(2)
        for i, key in enumerate(("weights", "average")):  # shared out over the workers
            if rank == i % o.workers:
                scores[i] = accuracy(model_on(state[key], c), c, images[dev], labels[dev])[0]
        dist.all_reduce(scores)
        state["seconds"] += time.time() - trained  # on the clock, too
        state["better"] = "average" if scores[1] >= scores[0] else "weights"
        if rank == 0:
            line = {"pass": state["pass"], "pictures": seen, "done": round(state["done"], 3), "loss": round(loss, 4)}
            line.update(zip(("dev_top1", "dev_top1_average"), (round(float(score), 2) for score in scores)))
            with open(output / "log.jsonl", "a") as log:
                print(json.dumps({**line, "seconds": round(time.time() - began)}), file=log)
            keep(state, output / "checkpoint.pt")
    if rank == 0:
        write_model(output / "export", tensors_of(model_on(state[state["better"]], c)), c, preprocessor(c["image_size"]))

def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    t, e = commands.add_parser("train"), commands.add_parser("evaluate")
    for p, name in ((t, "data"), (t, "labels"), (t, "output"), (e, "data"), (e, "model")):
        p.add_argument("--" + name, required=True)
    t.add_argument("--start", help="an exported folder to go on from")
    for name in ("resume", "float32", "plain", "new-module"):
        t.add_argument("--" + name, action="store_true")
    for name, value, meaning in (
            ("work", 3.5, "cost in passes at full size"), ("minutes", 0.0, "training time; 0: as --work says"),
            ("workers", 2, "processes"), ("batch", 96, "pictures a step and worker"), ("rate", 0.25, "highest rate"),
            ("rise", 0.2, "share of the work until the peak"), ("decay", 5e-4, "weight decay of kernels and matrices"),
            ("average", 0.99, "decay of the moving average"), ("crop", 0.35, "smallest share of the area shown"),
            ("cutmix", 0.0, "share of mixed batches before full size"),
            ("sides", "0.65:32,0.87:48,1:64", "until which share of the work: pixels a side"), ("seed", 1, "of weights, order and crops")):
        t.add_argument("--" + name, type=type(value), default=value, help=f"{meaning} ({value})")
    o = parser.parse_args()
    if o.command == "train":
        o.sides = [(float(until), int(side)) for until, side in (part.split(":") for part in o.sides.split(","))]
    return o

if __name__ == "__main__":
    o = arguments()
    if o.command == "train":
        Path(o.output).mkdir(parents=True, exist_ok=True)
        pictures(o.data, "train")  # decoded before the workers ask
        learn_together(train, o)
    else:
        print(json.dumps(dict(zip(("top1", "top5"), accuracy(*model_in(o.model), *pictures(o.data, "val"))))))
