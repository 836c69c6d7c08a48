"""Odd resizes by Pillow, for the resize tests: 1 x 1 sources, 1-pixel sides, huge reductions, enlargements, one side unchanged.

Run with python3-pil and python3-numpy:  python3 make_resize.py [OUT_FILE] [CASES]     (Pillow 9.4 made the committed file)
Writes one safetensors file: `source.N` and, for each case, `N.filter.HEIGHTxWIDTH`, all [height, width, 3] uint8.
"""
import json, struct, sys
import numpy as np
from PIL import Image

FILTERS = {"nearest": Image.NEAREST, "box": Image.BOX, "bilinear": Image.BILINEAR, "hamming": Image.HAMMING, "bicubic": Image.BICUBIC, "lanczos": Image.LANCZOS}
SOURCES = [(1, 1), (1, 7), (9, 1), (2, 3), (13, 17), (64, 48), (1, 900), (700, 2), (61, 97)]  # width, height
SIDES = [1, 2, 3, 5, 8, 13, 29, 40]


def pictures(rng):
    """Noise of black, white and anything between: overshoot at hard edges exercises the clipping."""
    for width, height in SOURCES:
        noise = rng.integers(0, 256, (height, width, 3))
        hard = rng.integers(0, 2, (height, width, 3)) * 255
        yield np.where(rng.random((height, width, 1)) < 0.5, noise, hard).astype(np.uint8)


def cases(rng, count):
    names = list(FILTERS)
    for i in range(count):
        source = i % len(SOURCES)
        width, height = (int(rng.choice(SIDES)) for _ in "wh")
        if i % 7 == 3:
            width = SOURCES[source][0] if SOURCES[source][0] < 100 else width
        if i % 7 == 5:
            height = SOURCES[source][1] if SOURCES[source][1] < 100 else height
        yield source, names[(i // len(SOURCES)) % len(names)], width, height


def save(path, tensors):
    header, blobs, at = {}, [], 0
    for name, a in tensors.items():
        header[name] = {"dtype": "U8", "shape": list(a.shape), "data_offsets": [at, at + a.nbytes]}
        blobs.append(np.ascontiguousarray(a).tobytes())
        at += a.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + b"".join(blobs))


if __name__ == "__main__":
    path = sys.argv[1] if len(sys.argv) > 1 else "resize.safetensors"
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 108
    rng = np.random.default_rng(20)
    sources = list(pictures(rng))
    tensors = {f"source.{i}": a for i, a in enumerate(sources)}
    for source, name, width, height in cases(rng, count):
        resized = Image.fromarray(sources[source]).resize((width, height), FILTERS[name])
        tensors[f"{source}.{name}.{height}x{width}"] = np.asarray(resized)
    save(path, tensors)
