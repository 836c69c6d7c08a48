"""Makes a model as sure as it is right: scales its last layer so that probabilities fit pictures held out.

    python3 calibrate.py --data DIR --model DIR
--data   holds tiny-imagenet-200/, as everyday_vit.py wants it.
--model  a folder of everyday_vit.py, guided_vit.py or everyday_cnn.py; its model.safetensors is written again.
The scale is that of the least cross-entropy (Guo et al. 2017, "On Calibration of Modern Neural Networks", temperature
scaling, where the temperature is 1 / scale). No answer changes its place. Needs PyTorch, NumPy and Pillow.
"""
import argparse, json
from pathlib import Path
import numpy as np
import torch, torch.nn.functional as F
import everyday_vit
from everyday_cnn import logits_of, model_in
from everyday_vit import halves, pictures, whole
from model_files import load_safetensors, safetensors

def asked(folder, c):
    """pixels [B, 3, side, side] → logits [B, classes], by either architecture."""
    if c["model_type"] == "vit":
        w = load_safetensors(Path(folder) / "model.safetensors")
        return lambda x: everyday_vit.forward(w, c, x)
    model, _ = model_in(folder)
    return lambda x: logits_of(model, x, False)

def best_scale(logits, labels):
    """Cross-entropy of scaled logits is convex in the scale: the best of 0.2…5, found by thirds."""
    low, high = 0.2, 5.0
    while high - low > 1e-4:
        third = (high - low) / 3
        left, right = (float(F.cross_entropy(s * logits, labels)) for s in (low + third, high - third))
        low, high = (low, high - third) if left < right else (low + third, high)
    return (low + high) / 2

def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("data", "model"):
        parser.add_argument("--" + name, required=True)
    return parser.parse_args()

if __name__ == "__main__":
    o = arguments()
    torch.set_num_threads(1)
    c, file = json.loads((Path(o.model) / "config.json").read_text()), Path(o.model) / "model.safetensors"
    images, labels = pictures(o.data, "train")
    held_out, model = halves(labels)[1], asked(o.model, c)
    with torch.no_grad():
        parts = np.array_split(held_out, 20)
        logits = torch.cat([model(whole(images[part], c["image_size"])) for part in parts])
    scale = best_scale(logits, labels[held_out])
    last = "classifier" if c["model_type"] == "vit" else "head"
    tensors = load_safetensors(file)
    tensors.update({name: scale * tensors[name] for name in (last + ".weight", last + ".bias")})
    file.write_bytes(safetensors(tensors))
    entropy = [round(float(F.cross_entropy(s * logits, labels[held_out])), 4) for s in (1, scale)]
    print(json.dumps({"scale": round(scale, 4), "cross_entropy": dict(zip(("before", "after"), entropy))}))
