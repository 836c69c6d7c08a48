"""Where ViTs of unusual shapes looked in a photo, from the picture file to the map, by Pillow and PyTorch's autograd.

Run with Debian's python3-torch:  /usr/bin/python3 make_explain_photos.py [GOLDEN_DIR]
reads GOLDEN_DIR/pictures/colour.png, writes GOLDEN_DIR/explain-photos/. Weights are random (fixed seed).

VARIANT/          a model folder: distilled (two tokens in front, two heads, a crop), oblong (3 x 5 patches, 16 high and 8 wide),
                  mean-pooled (timm's names, no class token), cropped (shortest edge, then a centre crop)
expected.json     [{variant, request, grid: [rows, columns], map}], numbers of 7 digits
"""
import json, math, os, sys
import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from make_attention_cnn import save
from make_explain import load

HERE = os.path.dirname(os.path.abspath(__file__))
WIDTH, LAYERS, HEADS, CLASSES, EPSILON = 16, 2, 2, 5, 1e-6
BICUBIC = 3
HALVES = {"do_resize": True, "resample": BICUBIC, "do_rescale": True, "rescale_factor": 1 / 255, "do_normalize": True,
          "image_mean": [0.5] * 3, "image_std": [0.5] * 3}
SQUARE = {"height": 32, "width": 32}
VARIANTS = {
    "distilled": {"kind": "deit", "size": (32, 32), "patch": (8, 8), "prefix": 2, "pixels": {
        **HALVES, "size": {"height": 38, "width": 37}, "do_center_crop": True, "crop_size": SQUARE}},
    "oblong": {"kind": "vit", "size": (48, 40), "patch": (16, 8), "prefix": 1, "pixels": {
        **HALVES, "size": {"height": 48, "width": 40}}},
    "mean-pooled": {"kind": "timm", "size": (32, 32), "patch": (8, 8), "prefix": 0, "pixels": None},
    "cropped": {"kind": "vit", "size": (32, 32), "patch": (8, 8), "prefix": 1, "pixels": {
        **HALVES, "size": {"shortest_edge": 37}, "do_center_crop": True, "crop_size": SQUARE}},
}
TIMM = {"input_size": [3, 32, 32], "crop_pct": 0.9, "interpolation": "bicubic", "mean": [0.485, 0.456, 0.406],
        "std": [0.229, 0.224, 0.225]}
REQUESTS = [{"method": "raw", "layer": 0, "head": 1, "query": 3}, {"method": "raw", "head": "max"},
            {"method": "rollout", "query": "mean"}, {"method": "rollout", "head": "max", "discard": 0.6},
            {"method": "gradient-rollout", "target": 2, "discard": 0.5}, {"method": "chefer"},
            {"method": "chefer", "target": 1, "query": 0}, {"method": "grad-cam", "target": 4, "layer": 0}]
# one set of names for the model below: ours in the first column, then Hugging Face's, then timm's
NAMES = [("patch", "embeddings.patch_embeddings.projection", "patch_embed.proj"), ("norm", "layernorm", "fc_norm"),
         ("before", "encoder.layer.{}.layernorm_before", "blocks.{}.norm1"), ("after", "encoder.layer.{}.layernorm_after", "blocks.{}.norm2"),
         ("out", "encoder.layer.{}.attention.output.dense", "blocks.{}.attn.proj"),
         ("up", "encoder.layer.{}.intermediate.dense", "blocks.{}.mlp.fc1"), ("down", "encoder.layer.{}.output.dense", "blocks.{}.mlp.fc2")]


def model_folder(folder, kind, size, patch, prefix, pixels):
    timm, start = kind == "timm", "" if kind == "timm" else f"{kind}."
    names = {ours: theirs[timm] for ours, *theirs in NAMES}
    cells, weights = (size[0] // patch[0]) * (size[1] // patch[1]), {}

    def part(name, weight, bias):
        weights[f"{name}.weight"], weights[f"{name}.bias"] = weight, 0.3 * torch.randn(bias)

    dense = lambda name, out, inputs: part(name, 1.5 * torch.randn(out, inputs) / math.sqrt(inputs), out)
    norm = lambda name: part(name, 1 + 0.3 * torch.randn(WIDTH), WIDTH)
    part(start + names["patch"], torch.randn(WIDTH, 3, *patch) / math.sqrt(patch[0] * patch[1]), WIDTH)
    weights["pos_embed" if timm else f"{start}embeddings.position_embeddings"] = 0.5 * torch.randn(1, prefix + cells, WIDTH)
    for token in ("cls_token", "distillation_token")[:prefix]:
        weights[f"{start}embeddings.{token}"] = torch.randn(1, 1, WIDTH)
    for layer in range(LAYERS):
        name = lambda ours: start + names[ours].format(layer)
        norm(name("before"))
        norm(name("after"))
        if timm:
            dense(f"blocks.{layer}.attn.qkv", 3 * WIDTH, WIDTH)
        else:
            for which in ("query", "key", "value"):
                dense(f"{start}encoder.layer.{layer}.attention.attention.{which}", WIDTH, WIDTH)
        dense(name("out"), WIDTH, WIDTH)
        dense(name("up"), 2 * WIDTH, WIDTH)
        dense(name("down"), WIDTH, 2 * WIDTH)
    norm(start + names["norm"])
    for head in {"timm": ["head"], "vit": ["classifier"], "deit": ["cls_classifier", "distillation_classifier"]}[kind]:
        dense(head, CLASSES, WIDTH)
    os.makedirs(folder, exist_ok=True)
    save(f"{folder}/model.safetensors", weights)
    if timm:
        arguments = {"img_size": size[0], "patch_size": patch[0], "embed_dim": WIDTH, "depth": LAYERS, "num_heads": HEADS,
                     "mlp_ratio": 2, "class_token": False, "global_pool": "avg", "fc_norm": True}
        config = {"architecture": "vit_tiny_patch16_gap_224", "num_classes": CLASSES, "global_pool": "avg",
                  "model_args": arguments, "pretrained_cfg": TIMM}
    else:
        architecture = {"vit": "ViTForImageClassification", "deit": "DeiTForImageClassificationWithTeacher"}[kind]
        config = {"architectures": [architecture], "model_type": kind, "image_size": list(size), "patch_size": list(patch),
                  "num_channels": 3, "hidden_size": WIDTH, "num_hidden_layers": LAYERS, "num_attention_heads": HEADS,
                  "intermediate_size": 2 * WIDTH, "hidden_act": "gelu", "layer_norm_eps": EPSILON, "qkv_bias": True,
                  "id2label": {str(c): f"class {c}" for c in range(CLASSES)}}
    for name, fields in (("config.json", config), ("preprocessor_config.json", pixels)):
        if fields:
            with open(f"{folder}/{name}", "w") as f:
                json.dump(fields, f, indent=1)
                f.write("\n")


def prepare(image, pixels):
    """A picture → [1, 3, height, width], as transformers' and timm's processors do it."""
    shortest = lambda edge: tuple(int(edge * side / min(image.size)) for side in image.size)
    if pixels is None:
        mean, std, side = TIMM["mean"], TIMM["std"], TIMM["input_size"][1]
        image = image.resize(shortest(math.floor(side / TIMM["crop_pct"])), BICUBIC)
        crop, start = (side, side), lambda margin: int(round(margin / 2))  # halves to even
    else:
        mean, std, size = pixels["image_mean"], pixels["image_std"], pixels["size"]
        image = image.resize(shortest(size["shortest_edge"]) if "shortest_edge" in size else (size["width"], size["height"]), BICUBIC)
        cut = pixels.get("crop_size", {"width": image.width, "height": image.height})
        crop, start = (cut["width"], cut["height"]), lambda margin: margin // 2
    left, top = (start(length - wanted) for length, wanted in zip(image.size, crop))
    image = image.crop((left, top, left + crop[0], top + crop[1]))
    values = torch.from_numpy(np.asarray(image).astype(np.float32) / 255)
    return ((values - torch.tensor(mean)) / torch.tensor(std)).permute(2, 0, 1)[None]


def forward(weights, kind, patch, prefix, pixels):
    """→ logits, each block's attention [H, T, T] and the tokens that its first norm gives [T, D]"""
    timm = kind == "timm"
    names = {ours: theirs[timm] for ours, *theirs in NAMES}
    w = {name.removeprefix(f"{kind}."): t for name, t in weights.items()}
    dense = lambda x, name: F.linear(x, w[f"{name}.weight"], w[f"{name}.bias"])
    norm = lambda x, name: F.layer_norm(x, (WIDTH,), w[f"{name}.weight"], w[f"{name}.bias"], EPSILON)
    split = lambda x: x.view(len(x), HEADS, -1).transpose(0, 1)  # [H, T, D / H]
    x = F.conv2d(pixels, w[names["patch"] + ".weight"], w[names["patch"] + ".bias"], stride=patch).flatten(2)[0].T
    tokens = [w[f"embeddings.{token}"][0] for token in ("cls_token", "distillation_token")[:prefix]]
    x = torch.cat([*tokens, x]) + w["pos_embed" if timm else "embeddings.position_embeddings"][0]
    attentions, normed = [], []
    for layer in range(LAYERS):
        name = lambda ours: names[ours].format(layer)
        z = norm(x, name("before")).requires_grad_()
        q, k, v = map(split, dense(z, f"blocks.{layer}.attn.qkv").chunk(3, -1) if timm else
                      (dense(z, f"encoder.layer.{layer}.attention.attention.{which}") for which in ("query", "key", "value")))
        a = torch.softmax(q @ k.transpose(1, 2) / math.sqrt(WIDTH // HEADS), -1).requires_grad_()
        x = x + dense((a @ v).transpose(0, 1).flatten(1), name("out"))
        x = x + dense(F.gelu(dense(norm(x, name("after")), name("up"))), name("down"))
        attentions.append(a)
        normed.append(z)
    if timm:
        return dense(norm(x.mean(0), "fc_norm"), "head"), attentions, normed
    x = norm(x, "layernorm")
    if prefix == 2:
        return (dense(x[0], "cls_classifier") + dense(x[1], "distillation_classifier")) / 2, attentions, normed
    return dense(x[0], "classifier"), attentions, normed


def discard_lowest(matrix, share, prefix):
    """vit-explain's: the lowest weights are 0, but what a token in front gives itself."""
    lowest = matrix.flatten().topk(int(matrix.numel() * share), largest=False).indices
    own = torch.arange(prefix) * (len(matrix) + 1)
    kept = matrix.detach().flatten().clone()
    kept[lowest[~torch.isin(lowest, own)]] = 0
    return kept.view_as(matrix)


def rolled_out(matrices):
    """Abnar & Zuidema 2020: the residual added, rows of sum 1, last block on the left."""
    product = torch.eye(len(matrices[0]))
    for matrix in matrices:
        mixed = matrix + torch.eye(len(matrix))
        product = mixed / mixed.sum(-1, keepdim=True) @ product
    return product


def explain(logits, attentions, normed, prefix, request):
    method, share = request["method"], request.get("discard", 0)
    target = request.get("target", int(logits.argmax()))
    gradients = torch.autograd.grad(logits[target], attentions + normed, retain_graph=True)
    weighted = [a * g for a, g in zip(attentions, gradients)]
    fuse = lambda a: {"mean": a.mean(0), "max": a.max(0).values}.get(request.get("head", "mean"))
    if method == "grad-cam":
        z, g = normed[request["layer"]][prefix:], gradients[LAYERS + request["layer"]][prefix:]
        return F.relu(z @ g.mean(0))
    if method == "raw":
        a = attentions[request.get("layer", LAYERS - 1)]
        matrix = a[request["head"]] if isinstance(request["head"], int) else fuse(a)
    elif method == "rollout":
        matrix = rolled_out([discard_lowest(fuse(a), share, prefix) for a in attentions])
    elif method == "gradient-rollout":
        matrix = rolled_out([discard_lowest(a.mean(0).clamp(min=0), share, prefix) for a in weighted])
    else:
        matrix = torch.eye(len(attentions[0][0]))
        for a in weighted:
            matrix = matrix + a.clamp(min=0).mean(0) @ matrix
    query = request.get("query", "class" if prefix else "mean")
    rows = matrix[prefix:].mean(0) if query == "mean" else matrix[0 if query == "class" else prefix + query]
    return rows[prefix:]


if __name__ == "__main__":
    golden = sys.argv[1] if len(sys.argv) > 1 else HERE
    torch.manual_seed(4)
    image = Image.open(f"{golden}/pictures/colour.png").convert("RGB")
    expected = []
    for variant, shape in VARIANTS.items():
        folder = f"{golden}/explain-photos/{variant}"
        model_folder(folder, **shape)
        passed = forward(load(f"{folder}/model.safetensors"), shape["kind"], shape["patch"], shape["prefix"], prepare(image, shape["pixels"]))
        grid = [length // side for length, side in zip(shape["size"], shape["patch"])]
        for request in REQUESTS:
            values = explain(*passed, shape["prefix"], request)
            expected.append({"variant": variant, "request": request, "grid": grid, "map": [float(f"{v:.7g}") for v in values]})
    with open(f"{golden}/explain-photos/expected.json", "w") as f:
        f.write("[\n" + ",\n".join(json.dumps(line) for line in expected) + "\n]\n")
