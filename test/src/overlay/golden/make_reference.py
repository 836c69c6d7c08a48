"""Reference values for the overlay tests: matplotlib's colours, PyTorch's interpolation, numpy's percentiles and .npy files.

Run with python3-matplotlib, python3-torch, python3-numpy:  python3 make_reference.py > reference.json
(matplotlib 3.6, torch 1.13 and numpy 1.24 made the committed file)
"""
import base64, io, json
import numpy as np
import torch
import torch.nn.functional as F
from matplotlib import cm

rng = np.random.default_rng(4)


def numbers(a):
    return [float(v) for v in np.asarray(a, np.float64).ravel()]


def colours(name):
    """Every 15th colour as matplotlib's own numbers, and for all 256 the sum of each channel, rounded to 8 bits."""
    table = cm.get_cmap(name, 256)(np.arange(256))[:, :3]
    sums = np.rint(table * 255).astype(int).sum(0)
    return {"every15th": np.round(table[::15], 6).tolist(), "sums": sums.tolist()}


def upsampled(rows, columns, height, width, mode):
    values = rng.standard_normal((rows, columns)).astype(np.float32)
    tensor = torch.tensor(values)[None, None]
    options = {"align_corners": False} if mode == "bilinear" else {}
    result = F.interpolate(tensor, (height, width), mode=mode, **options)
    return {"grid": [rows, columns], "size": [height, width], "mode": mode, "values": numbers(values), "result": numbers(result)}


def dino_mask(values, threshold):
    """The lines of visualize_attention.py (facebookresearch/dino) that make a mask from one head's map."""
    attentions = torch.tensor(values, dtype=torch.float64)[None]
    val, idx = torch.sort(attentions)
    val /= torch.sum(val, dim=1, keepdim=True)
    cumval = torch.cumsum(val, dim=1)
    th_attn = cumval > (1 - threshold)
    idx2 = torch.argsort(idx)
    return th_attn[0][idx2[0]].int().tolist()


def npy(rows, columns):
    values = rng.standard_normal((rows, columns)).astype("<f4")
    file = io.BytesIO()
    np.save(file, values)
    return {"grid": [rows, columns], "values": numbers(values), "file": base64.b64encode(file.getvalue()).decode()}


masks = rng.random((3, 12)).astype(np.float32) ** 3
unsorted = rng.standard_normal(37).astype(np.float32)
print(json.dumps({
    "colours": {name: colours(name) for name in ["viridis", "magma", "inferno", "coolwarm"]},
    "colourIndex": [[t, int(cm.get_cmap("gray", 256)(t)[0] * 255 + 0.5)] for t in [0, 0.001, 0.0039, 0.00391, 0.25, 0.5, 0.7301, 0.996, 0.9961, 1.0]],
    "upsample": [
        upsampled(3, 4, 7, 9, "bilinear"), upsampled(2, 2, 8, 8, "bilinear"), upsampled(1, 3, 2, 5, "bilinear"), upsampled(5, 4, 3, 4, "bilinear"),
        upsampled(3, 4, 7, 9, "nearest-exact"), upsampled(2, 5, 11, 13, "nearest-exact"),
    ],
    "percentiles": {"values": numbers(unsorted), "at": [[p, float(np.percentile(unsorted.astype(np.float64), p))] for p in [0, 1, 25, 50, 99, 100]]},
    "masks": [{"values": numbers(m), "share": share, "kept": dino_mask(m, share)} for m, share in zip(masks, [0.6, 0.9, 0.25])],
    "npy": [npy(2, 3), npy(14, 14), npy(1, 1)],
}, indent=None))
