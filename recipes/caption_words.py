"""Flickr8k's pictures and captions, and an encoder that learns which words people say of a picture.

The first two steps of everyday_captioner.py, which tells how they are run.
"""
import json, math, re, sys, time
from collections import Counter
from pathlib import Path
import numpy as np
import torch, torch.nn.functional as F
from PIL import Image
sys.path.append(str(Path(__file__).resolve().parent.parent / "test" / "golden"))
from everyday_cnn import model_on, weights_in
from make_attention_cnn import state as tensors_of
from model_files import keep

SIDE, POOL, HELD_OUT = 128, 2, 500  # pixels; the map's cells a side of one grid cell; pictures to choose weights by
TAGS = 512  # the most frequent words, which the encoder learns to predict

# ---- data ----------------------------------------------------------------------------------------------------------
def flickr(data):
    """names by split, captions by name (as written), pictures uint8 [N, 128, 128, 3] in the order of sorted names."""
    root = Path(data) / "flickr8k"
    names = sorted(path.name for path in (root / "images").iterdir())
    cache = root / f"all-{SIDE}.npy"
    if not cache.exists():
        load = lambda n: np.asarray(Image.open(root / "images" / n).convert("RGB").resize((SIDE, SIDE), Image.BILINEAR))
        np.save(cache, np.stack([load(n) for n in names]))
    captions = {}
    for line in (root / "Flickr8k.token.txt").read_text().splitlines():
        name, caption = line.split("\t")
        captions.setdefault(name.split("#")[0], []).append(caption)
    listed = {s: (root / f"Flickr_8k.{s}Images.txt").read_text().split() for s in ("train", "dev")}
    splits = {"train": listed["train"][:-HELD_OUT], "held-out": listed["train"][-HELD_OUT:], "dev": listed["dev"]}
    return splits, captions, {name: i for i, name in enumerate(names)}, np.load(cache, mmap_mode="r")

def words_of(caption):
    """Lower case, runs of letters and digits: what worker/text/vocabulary.ts makes of a caption without apostrophes."""
    return re.findall(r"n't(?!\w)|(?<!\w)'(?:s|re|ve|m|ll|d)(?!\w)|[^\W_]+(?:['-][^\W_]+)*",
                      re.sub(r"(?<=\w)'(?=(?:s|re|ve|m|ll|d)(?!\w))", " '", re.sub(r"(?<=\w)n't(?!\w)", " n't", caption.lower())))

def normalised(images):
    """uint8 [B, h, w, 3] → [B, 3, h, w] in -1…1"""
    x = torch.from_numpy(np.ascontiguousarray(images)).permute(0, 3, 1, 2).float() / 127.5 - 1
    return x.contiguous(memory_format=torch.channels_last)

# ---- encoder -------------------------------------------------------------------------------------------------------
def encoder_config(o):
    return json.loads((Path(o.cnn) / "config.json").read_text())

def map_of(model, x):
    """pixels [B, 3, H, W] → the last stage's map [B, C, H / 8, W / 8]"""
    x = model.activation(model.stem(x))
    for i, stage in enumerate(model.stages):
        x = stage(x)
        if model.after == i:
            x = model.attention(x)[0]
    return x

def cropped(images, side, g):
    """A part of 45 to 100 % of each picture, perhaps mirrored, a little brighter or darker, [B, 3, side, side]."""
    x, out = normalised(images), []
    for picture in x:
        part = math.sqrt(0.45 + 0.55 * float(torch.rand(1, generator=g)))
        size = max(32, round(part * SIDE))
        top, left = (int(torch.randint(0, SIDE - size + 1, (1,), generator=g)) for _ in range(2))
        piece = picture[None, :, top:top + size, left:left + size]
        if float(torch.rand(1, generator=g)) < 0.5:
            piece = piece.flip(3)
        piece = F.interpolate(piece, (side, side), mode="bilinear", align_corners=False, antialias=size > side)
        out.append(piece * float(0.8 + 0.4 * torch.rand(1, generator=g)) + float(0.2 * torch.rand(1, generator=g) - 0.1))
    return torch.cat(out).contiguous(memory_format=torch.channels_last)

def precision(scores, truth):
    """Mean average precision over the words that are said of at least 3 pictures."""
    kept = truth.sum(0) >= 3
    ranked = truth[:, kept].gather(0, scores[:, kept].argsort(0, descending=True))
    hits = ranked.cumsum(0) / torch.arange(1, len(ranked) + 1)[:, None]
    return float(((hits * ranked).sum(0) / ranked.sum(0)).mean())

def teach_words(o):
    splits, captions, place, pictures = flickr(o.data)
    counts = Counter(w for n in splits["train"] for w in {w for c in captions[n] for w in words_of(c)})
    tags = [w for w, _ in counts.most_common(TAGS)]
    said = {n: torch.tensor([sum(w in words_of(c) for c in captions[n]) / 5 for w in tags]) for n in sum(splits.values(), [])}
    target = lambda names: torch.stack([said[n] for n in names])
    c = json.loads((Path(o.cnn) / "config.json").read_text())
    output = Path(o.output)
    head = torch.nn.Linear(c["stage_channels"][-1], TAGS)
    torch.nn.init.zeros_(head.weight)
    frequency = target(splits["train"]).mean(0).clamp(1e-4, 1 - 1e-4)
    head.bias.data.copy_(torch.log(frequency / (1 - frequency)))
    model = model_on(weights_in(o.cnn), c)
    average = model_on(weights_in(o.cnn), c)
    parameters = [{"params": model.parameters(), "lr": o.rate}, {"params": head.parameters(), "lr": 10 * o.rate}]
    optimiser = torch.optim.AdamW(parameters, weight_decay=0.02)
    names, batch, done, best = splits["train"], 32, 0, 0.0
    total = o.passes * (len(names) // batch)
    for number in range(o.passes):
        began, loss_sum = time.time(), 0.0
        g = torch.Generator().manual_seed(number)
        order = torch.randperm(len(names), generator=g).tolist()
        model.train()
        for step in range(len(names) // batch):
            picked = sorted((names[i] for i in order[step * batch:][:batch]), key=place.get)
            rate = min(1, done / 100) * 0.5 * (1 + math.cos(math.pi * done / total))
            for group, highest in zip(optimiser.param_groups, (o.rate, 10 * o.rate)):
                group["lr"] = highest * rate
            x = cropped(pictures[[place[n] for n in picked]], o.side, g)
            with torch.autocast("cpu", torch.bfloat16, enabled=o.bfloat16):
                features = map_of(model, x)
            logits = head(features.float().mean((2, 3)))
            loss = F.binary_cross_entropy_with_logits(logits, target(picked)) * TAGS / 32
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            with torch.no_grad():
                kept = min(0.99, (1 + done) / (10 + done))
                for mean, now in zip(tensors_of(average).values(), tensors_of(model).values()):
                    mean.lerp_(now, 1 - kept)
            done, loss_sum = done + 1, loss_sum + float(loss)
        average.eval()
        with torch.no_grad():
            seen = [map_of(average, normalised(pictures[[place[n] for n in splits["held-out"][i:i + 50]]])).mean((2, 3))
                    for i in range(0, HELD_OUT, 50)]
            score = precision(head(torch.cat(seen)), (target(splits["held-out"]) > 0).float())
        line = {"pass": number + 1, "loss": round(loss_sum / (len(names) // batch), 4), "precision": round(100 * score, 2)}
        print(json.dumps({**line, "seconds": round(time.time() - began)}), flush=True)
        if score > best:
            best = score
            keep(torch.cat([t.flatten() for t in tensors_of(average).values()]), output / "encoder.pt")

@torch.no_grad()
def keep_features(o):
    """float16 [2, N, grid, grid, C]: as the picture is, and mirrored (training pictures alone)."""
    splits, _, place, pictures = flickr(o.data)
    c = encoder_config(o)
    model = model_on(torch.load(Path(o.output) / "encoder.pt"), c).eval()
    grid, channels = SIDE // 8 // POOL, c["stage_channels"][-1]
    out = np.lib.format.open_memmap(Path(o.output) / "features.npy", "w+", np.float16, (2, len(place), grid, grid, channels))
    learnt = np.array(sorted(place[n] for n in splits["train"]))
    for view in range(2):
        places = np.arange(len(place)) if view == 0 else learnt
        for at in range(0, len(places), 50):
            some = places[at:at + 50]
            x = normalised(pictures[some])
            seen = F.avg_pool2d(map_of(model, x.flip(3) if view else x), POOL)
            out[view, some] = seen.permute(0, 2, 3, 1).numpy()
    print(json.dumps({"features": list(out.shape)}))
