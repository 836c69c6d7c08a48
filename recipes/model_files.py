"""What runs leave: a model's folder in Hugging Face's layout (config.json, preprocessor_config.json, model.safetensors); checkpoints."""
import json, os, struct
from pathlib import Path
import numpy as np
import torch

def load_safetensors(path):
    raw = Path(path).read_bytes()
    size = 8 + struct.unpack("<Q", raw[:8])[0]
    entries = {name: e for name, e in json.loads(raw[8:size]).items() if name != "__metadata__"}
    stored = lambda e: np.frombuffer(raw[size:][slice(*e["data_offsets"])], {"F16": "<f2", "F32": "<f4"}[e["dtype"]])
    return {name: torch.from_numpy(stored(e).astype(np.float32)).view(e["shape"]) for name, e in entries.items()}

def safetensors(tensors):
    """The bytes of a file: F16, but running statistics F32."""
    header, blobs, at = {"__metadata__": {"format": "pt"}}, [], 0
    for name, t in tensors.items():
        kind, stored = ("F32", np.float32) if "running_" in name else ("F16", np.float16)
        blobs.append(t.detach().numpy().astype(stored).tobytes())
        header[name] = {"dtype": kind, "shape": list(t.shape), "data_offsets": [at, at := at + len(blobs[-1])]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)  # tensors start at a multiple of 8
    return struct.pack("<Q", len(text)) + text + b"".join(blobs)

def preprocessor(side, fit="crop"):
    """The middle square of a photo, as which Tiny-ImageNet's pictures were cut; or with "squash" the whole of it."""
    square = {"height": side, "width": side}
    if fit == "squash":
        seen = {"image_processor_type": "ViTImageProcessor", "size": square}
    else:
        seen = {"image_processor_type": "CLIPImageProcessor", "size": {"shortest_edge": side}, "do_center_crop": True, "crop_size": square}
    bilinear, half = 2, [0.5, 0.5, 0.5]
    return {**seen, "do_resize": True, "resample": bilinear, "do_rescale": True, "rescale_factor": 1 / 255,
            "do_normalize": True, "image_mean": half, "image_std": half}

def write_model(folder, tensors, config, pixels):
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, value in (("config.json", config), ("preprocessor_config.json", pixels)):
        (folder / name).write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n")
    (folder / "model.safetensors").write_bytes(safetensors(tensors))

def keep(state, path):
    """A checkpoint in one go: a run that is killed here keeps the older one."""
    part = Path(path).with_suffix(".tmp")
    torch.save(state, part)
    os.replace(part, path)
