"""What torchvision's augmentations of PIL pictures give when told what to draw, for the augmentation tests.

Run with Debian's python3-torchvision 0.14, python3-pil 9.4:  /usr/bin/python3 make_augment.py [OUT_DIR]

expected.safetensors   U8 [height, width, 3]: `source.NAME`, and what became of it:
    NAME.brightness|contrast|saturation|hue.FACTOR     torchvision's adjust_* functions
    NAME.trivial.OP.BIN.SIGN    TrivialAugmentWide, the OPth of its 14 changes, the BINth of 31 magnitudes, SIGN 0 (+) or 1 (-)
    NAME.jitter.I, NAME.crop.I  the Ith cases of draws.json, ColorJitter and RandomResizedCrop
draws.json             random numbers in [0, 1), in the order in which they are used, and what came of them:
    jitter      source, range [brightness, contrast, saturation, hue], draws
    crop        source, size [width, height], scale, ratio, draws
    cropBox     size [width, height], scale, ratio, draws, box [left, top, width, height]; RandomResizedCrop.get_params
    erasedBox   size, scale, ratio, draws, box (null: nothing is erased); RandomErasing.get_params
    pastedBox   size, lambda, draws, box; `rand_bbox` of CutMix's authors

Every random function of torch that torchvision calls is replaced by one that takes the next of the draws.
"""
import json, math, os, struct, sys
import numpy as np
import torch
from PIL import Image
from torchvision import transforms
from torchvision.transforms import functional as F

BINS = [0, 1, 7, 15, 20, 30]  # 20: a right angle; 19 and 25 are left out: their last bit depends on the processor
SIGNED, UNSIGNED, SINGLE = range(1, 10), (10, 11), (0, 12, 13)


def sources(rng):
    """Noise; a soft picture of low contrast, so that levels are worth stretching; pictures without a middle."""
    yield "noise", rng.integers(0, 256, (13, 17, 3))
    y, x = np.mgrid[0:18, 0:18]
    soft = 90 + 40 * np.sin(x / 3) + 25 * np.cos(y / 4)
    yield "soft", np.stack([soft, soft[::-1] * 0.7 + 30, soft.T * 0.5 + 20], 2) + rng.integers(0, 6, (18, 18, 3))
    yield "grey", np.full((3, 5, 3), 77)
    yield "line", rng.integers(0, 256, (1, 6, 3))
    yield "tiny", rng.integers(0, 256, (2, 2, 3))


class Draws:
    """Stands in for torch's random functions; counts what is used."""

    def __init__(self, numbers):
        self.numbers, self.used = numbers, 0

    def next(self):
        self.used += 1
        return self.numbers[self.used - 1]

    def below(self, count):
        return int(self.next() * count)

    def permutation(self, count):
        order = list(range(count))
        for last in range(count - 1, 0, -1):
            chosen = self.below(last + 1)
            order[last], order[chosen] = order[chosen], order[last]
        return torch.tensor(order)

    def __enter__(self):
        self.kept = torch.Tensor.uniform_, torch.randint, torch.randperm
        torch.Tensor.uniform_ = lambda tensor, low=0, high=1: tensor.fill_(float(low) + float(high - low) * self.next())
        torch.randint = lambda *bounds, size=None, **_: torch.tensor([self.integer([b for b in bounds if isinstance(b, int)])])
        torch.randperm = self.permutation
        return self

    def integer(self, bounds):
        low, high = bounds if len(bounds) == 2 else (0, bounds[0])
        return low + self.below(high - low)

    def __exit__(self, *_):
        torch.Tensor.uniform_, torch.randint, torch.randperm = self.kept


def adjusted(name, image):
    for factor in [0, 0.25, 0.999, 1, 1.7, 4]:
        yield f"{name}.brightness.{factor}", F.adjust_brightness(image, factor)
        yield f"{name}.contrast.{factor}", F.adjust_contrast(image, factor)
        yield f"{name}.saturation.{factor}", F.adjust_saturation(image, factor)
    for turns in [-0.5, -0.11, 0, 0.003, 0.2, 0.5]:
        yield f"{name}.hue.{turns}", F.adjust_hue(image, turns)


def trivial(name, image):
    augment = transforms.TrivialAugmentWide()
    cases = [(op, bin, sign) for op in SIGNED for bin in BINS for sign in (0, 1)]
    cases += [(op, bin, 0) for op in UNSIGNED for bin in BINS] + [(op, 0, 0) for op in SINGLE]
    for op, bin, sign in cases:
        with Draws([(op + 0.5) / 14, (bin + 0.5) / 31, (sign + 0.5) / 2]):
            yield f"{name}.trivial.{op}.{bin}.{sign}", augment(image)


def numbers(rng, count):
    return [int(n) / 1000 for n in rng.integers(0, 1000, count)]


def jitters(rng, images):
    for i in range(12):
        name, draws = ["noise", "soft", "tiny"][i % 3], numbers(rng, 8)
        range_ = [[0.4, 0.4, 0.4, 0.1], [1.5, 0.2, 2, 0.5], [0, 0.8, 0, 0.3]][i // 4]
        with Draws(draws) as used:
            picture = transforms.ColorJitter(*range_)(images[name])
        yield {"source": name, "range": range_, "draws": draws[: used.used]}, picture


def crops(rng, images):
    for i in range(8):
        name, size, draws = ["noise", "soft", "line", "tiny"][i % 4], [(8, 8), (21, 6)][i // 4], numbers(rng, 22)
        scale, ratio = (0.08, 1.0), (3 / 4, 4 / 3)
        with Draws(draws) as used:
            picture = transforms.RandomResizedCrop(size[::-1], scale, ratio)(images[name])
        yield {"source": name, "size": size, "scale": scale, "ratio": ratio, "draws": draws[: used.used]}, picture


def boxes(rng, params, ranges, sizes):
    for i in range(30):
        (width, height), (scale, ratio), draws = sizes[i % len(sizes)], ranges[i % len(ranges)], numbers(rng, 22)
        with Draws(draws) as used:
            box = params(width, height, scale, ratio)
        yield {"size": [width, height], "scale": scale, "ratio": ratio, "draws": draws[: used.used], "box": box}


def crop_box(width, height, scale, ratio):
    top, left, h, w = transforms.RandomResizedCrop.get_params(torch.empty(3, height, width), scale, ratio)
    return [left, top, w, h]


def erased_box(width, height, scale, ratio):
    top, left, h, w, value = transforms.RandomErasing.get_params(torch.empty(3, height, width), scale, ratio, [0.0])
    return None if value.shape[-1] == width and (h, w) == (height, width) else [left, top, w, h]


def pasted_boxes(rng):
    """`rand_bbox` of https://github.com/clovaai/CutMix-PyTorch, for whole numbers drawn as above."""
    for i in range(20):
        (W, H), lam, draws = [(32, 32), (17, 9), (5, 40)][i % 3], [0.5, 0.9, 0.02, 1.0, 0.0][i % 5], numbers(rng, 2)
        cut = math.sqrt(1.0 - lam)
        cut_w, cut_h = int(W * cut), int(H * cut)
        cx, cy = int(draws[0] * W), int(draws[1] * H)
        x1, x2 = np.clip(cx - cut_w // 2, 0, W), np.clip(cx + cut_w // 2, 0, W)
        y1, y2 = np.clip(cy - cut_h // 2, 0, H), np.clip(cy + cut_h // 2, 0, H)
        yield {"size": [W, H], "lambda": lam, "draws": draws, "box": [int(n) for n in (x1, y1, x2 - x1, y2 - y1)]}


def save(path, tensors):
    header, blobs, at = {}, [], 0
    for name, a in tensors.items():
        header[name] = {"dtype": "U8", "shape": list(a.shape), "data_offsets": [at, at + a.nbytes]}
        blobs.append(np.ascontiguousarray(a).tobytes())
        at += a.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + b"".join(blobs))


if __name__ == "__main__":
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
    rng = np.random.default_rng(21)
    images = {name: Image.fromarray(a.astype(np.uint8)) for name, a in sources(rng)}
    tensors = {f"source.{name}": image for name, image in images.items()}
    for name, image in images.items():
        tensors.update(adjusted(name, image))
        tensors.update(trivial(name, image))
    cases = {"jitter": [], "crop": []}
    for kind, made in ("jitter", jitters(rng, images)), ("crop", crops(rng, images)):
        for i, (case, picture) in enumerate(made):
            cases[kind].append(case)
            tensors[f"{case['source']}.{kind}.{i}"] = picture
    sizes = [(64, 64), (100, 37), (9, 300), (3, 2)]
    cases["cropBox"] = list(boxes(rng, crop_box, [((0.08, 1.0), (3 / 4, 4 / 3)), ((0.9, 1.0), (0.5, 0.6)), ((0.3, 0.4), (1.9, 2.0))], sizes))
    cases["erasedBox"] = list(boxes(rng, erased_box, [((0.02, 0.33), (0.3, 3.3)), ((0.8, 1.0), (0.2, 5.0)), ((0.99, 1.0), (1.0, 1.0))], sizes))
    cases["pastedBox"] = list(pasted_boxes(rng))
    save(f"{folder}/expected.safetensors", {name: np.asarray(picture) for name, picture in tensors.items()})
    with open(f"{folder}/draws.json", "w") as f:
        rows = ",\n".join(f'  "{kind}": [\n    ' + ",\n    ".join(map(json.dumps, made)) + "\n  ]" for kind, made in cases.items())
        f.write("{\n" + rows + "\n}\n")
