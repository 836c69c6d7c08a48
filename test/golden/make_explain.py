"""What PyTorch's autograd says of where a model looked, and two models whose answer one patch decides.

Run with Debian's python3-torch:  /usr/bin/python3 make_explain.py [GOLDEN_DIR]
reads GOLDEN_DIR/vit-hf and GOLDEN_DIR/attention-cnn, writes GOLDEN_DIR/explain/. T tokens, c the class explained.

expected.safetensors     of the first picture of each:
                         vit/chefer.c [T, T] (Chefer, Gur, Wolf 2021), vit/gradient-rollout.c [T, T] (Gildenblat's
                         gradient x attention rollout, rows normalised), vit/attention-gradient.c.l [H, T, T],
                         vit/grad-cam.c.l [rows, columns] at the norm before the attention of block l,
                         cnn/VARIANT/grad-cam.c.s [rows, columns] at the map of stage s
one-patch-vit/, one-patch-cnn/   models set by hand, that answer with the colour of the only cell that has one
one-patch/pictures.safetensors   pixel_values [8, 3, 32, 32], labels [8], cells [8, 2] (row, column)
"""
import json, math, os, struct, sys
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from make_attention_cnn import AttentionCnn, SCALED, VARIANTS, save, state

HERE = os.path.dirname(os.path.abspath(__file__))
CLASSES = range(3)


def load(path):
    with open(path, "rb") as f:
        header = json.loads(f.read(struct.unpack("<Q", f.read(8))[0]))
        data = f.read()
    spans = {name: (t["shape"], t["data_offsets"]) for name, t in header.items() if name != "__metadata__"}
    return {name: torch.from_numpy(np.frombuffer(data[a:b], np.float32).copy()).view(shape)
            for name, (shape, (a, b)) in spans.items()}


def vit_forward(weights, config, pixels):
    """Hugging Face's ViT written out → logits, each block's attention [B, H, T, T] and normed tokens, to take gradients of."""
    w = {name.replace("vit.", ""): t for name, t in weights.items()}
    heads, width, eps = config["num_attention_heads"], config["hidden_size"], config["layer_norm_eps"]
    linear = lambda x, name: F.linear(x, w[f"{name}.weight"], w[f"{name}.bias"])
    norm = lambda x, name: F.layer_norm(x, (width,), w[f"{name}.weight"], w[f"{name}.bias"], eps)
    patch = "embeddings.patch_embeddings.projection"
    x = F.conv2d(pixels, w[f"{patch}.weight"], w[f"{patch}.bias"], stride=config["patch_size"]).flatten(2).transpose(1, 2)
    x = torch.cat([w["embeddings.cls_token"].expand(len(x), -1, -1), x], 1) + w["embeddings.position_embeddings"]
    attentions, normeds = [], []
    for layer in range(config["num_hidden_layers"]):
        block = f"encoder.layer.{layer}"
        z = norm(x, f"{block}.layernorm_before").requires_grad_()
        q, k, v = (linear(z, f"{block}.attention.attention.{part}").view(len(x), -1, heads, width // heads).transpose(1, 2)
                   for part in ("query", "key", "value"))
        a = torch.softmax(q @ k.transpose(2, 3) / math.sqrt(width // heads), -1).requires_grad_()
        x = x + linear((a @ v).transpose(1, 2).flatten(2), f"{block}.attention.output.dense")
        x = x + linear(F.gelu(linear(norm(x, f"{block}.layernorm_after"), f"{block}.intermediate.dense")), f"{block}.output.dense")
        attentions.append(a)
        normeds.append(z)
    return linear(norm(x, "layernorm")[:, 0], "classifier"), attentions, normeds


def grad_cam(activation, gradient):
    """[C, rows, columns] each → [rows, columns] (Selvaraju et al. 2017)"""
    return F.relu((gradient.mean((1, 2))[:, None, None] * activation).sum(0))


def explain_vit(weights, config, pixels, target):
    logits, attentions, normeds = vit_forward(weights, config, pixels)
    gradients = torch.autograd.grad(logits[0, target], attentions + normeds)
    layers = len(attentions)
    tokens = attentions[0].shape[-1]
    relevance, rolled = torch.eye(tokens), torch.eye(tokens)
    for a, g in zip(attentions, gradients):
        relevance = relevance + (a[0] * g[0]).clamp(min=0).mean(0) @ relevance
        mixed = (a[0] * g[0]).mean(0).clamp(min=0) + torch.eye(tokens)
        rolled = (mixed / mixed.sum(-1, keepdim=True)) @ rolled
    side = config["image_size"] // config["patch_size"]
    grid = lambda t: t[0, 1:].T.reshape(-1, side, side)
    cams = [grad_cam(grid(z), grid(g)) for z, g in zip(normeds, gradients[layers:])]
    return relevance, rolled, gradients[:layers], cams


def explain_cnn(model, pixels, target):
    passed = model.passed_through(pixels)
    maps = [passed[f"stages.{s}"] for s in range(len(model.stages))]
    gradients = torch.autograd.grad(passed["logits"][0, target], maps)
    return [grad_cam(m[0], g[0]) for m, g in zip(maps, gradients)]


def goldens(directory):
    expected = {}
    config = json.load(open(f"{directory}/vit-hf/config.json"))
    known = load(f"{directory}/vit-hf/expected.safetensors")
    weights, pixels = load(f"{directory}/vit-hf/model.safetensors"), known["pixel_values"][:1]
    assert torch.allclose(vit_forward(weights, config, pixels)[0], known["logits"][:1], atol=1e-5)
    for c in CLASSES:
        relevance, rolled, gradients, cams = explain_vit(weights, config, pixels, c)
        expected[f"vit/chefer.{c}"], expected[f"vit/gradient-rollout.{c}"] = relevance, rolled
        for layer, (gradient, cam) in enumerate(zip(gradients, cams)):
            expected[f"vit/grad-cam.{c}.{layer}"] = cam
            if c == 0:
                expected[f"vit/attention-gradient.{c}.{layer}"] = gradient[0]
    weights = load(f"{directory}/attention-cnn/weights.safetensors")
    pixels = load(f"{directory}/attention-cnn/expected.safetensors")["pixel_values"][:1]
    for variant, config in VARIANTS.items():
        model = AttentionCnn(config).eval()
        model.load_state_dict({**model.state_dict(), **{name: weights[name] for name in state(model)}})
        for c in CLASSES:
            for stage, cam in enumerate(explain_cnn(model, pixels, c)):
                expected[f"cnn/{variant}/grad-cam.{c}.{stage}"] = cam
    return expected


SIDE, PATCH, COLOURS = 32, 4, 3
CELLS = SIDE // PATCH
VIT = {"architectures": ["ViTForImageClassification"], "model_type": "vit", "image_size": SIDE, "patch_size": PATCH,
       "num_channels": 3, "hidden_size": 12, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 16,
       "hidden_act": "gelu", "layer_norm_eps": 1e-6, "qkv_bias": True, "id2label": {"0": "red", "1": "green", "2": "blue"}}
CNN = {**SCALED, "image_size": SIDE, "stem_channels": 6, "stage_channels": [6, 8], "stage_blocks": [1, 1],
       "stage_strides": [2, 2], "attention": {"after_stage": 0, "inner_channels": 4, "scaled": True},
       "id2label": VIT["id2label"]}
FAINT = 0.03  # of every weight that is not set: what is known of the answer then holds in a model, not in a diagram


def pictures(count):
    """Faint noise, and one cell in the colour that is the class."""
    pixels = 0.03 * torch.randn(count, COLOURS, SIDE, SIDE)
    labels = torch.randint(0, COLOURS, (count,))
    cells = torch.randint(0, CELLS, (count, 2))
    for picture, label, (row, column) in zip(pixels, labels, (cells * PATCH).tolist()):
        picture[label, row:row + PATCH, column:column + PATCH] += 1
    return pixels, labels, cells


def one_patch_vit():
    """Tokens carry their patch's mean colour; in the second block the class token looks where colour is, and takes it."""
    D, inner, shapes = VIT["hidden_size"], VIT["intermediate_size"], {}
    def linear(name, out, inputs):
        shapes[f"{name}.weight"], shapes[f"{name}.bias"] = (out, inputs), (out,)
    for layer in range(VIT["num_hidden_layers"]):
        block = f"vit.encoder.layer.{layer}"
        for part in ("attention.attention.query", "attention.attention.key", "attention.attention.value", "attention.output.dense"):
            linear(f"{block}.{part}", D, D)
        linear(f"{block}.intermediate.dense", inner, D)
        linear(f"{block}.output.dense", D, inner)
        for norm in ("layernorm_before", "layernorm_after"):
            shapes[f"{block}.{norm}.weight"] = shapes[f"{block}.{norm}.bias"] = (D,)
    linear("classifier", COLOURS, D)
    patch = "vit.embeddings.patch_embeddings.projection"
    shapes |= {f"{patch}.weight": (D, COLOURS, PATCH, PATCH), f"{patch}.bias": (D,), "vit.embeddings.cls_token": (1, 1, D),
               "vit.embeddings.position_embeddings": (1, 1 + CELLS * CELLS, D), "vit.layernorm.weight": (D,), "vit.layernorm.bias": (D,)}
    w = {name: FAINT * torch.randn(shape) / math.sqrt(shape[-1]) for name, shape in shapes.items()}
    for name in w:
        if "layernorm" in name and name.endswith("weight"):
            w[name] += 1
    colours = range(COLOURS)  # the first numbers of a token; the four behind them tell patch from class token
    for c in colours:
        w[f"{patch}.weight"][c, c] += 1 / PATCH**2
        w["classifier.weight"][c, c] += 3
    w[f"{patch}.bias"][3:5] += torch.tensor([1.0, -1.0])
    w["vit.embeddings.cls_token"][0, 0, 5:7] += torch.tensor([1.0, -1.0])
    attention = "vit.encoder.layer.1.attention"
    for head in range(VIT["num_attention_heads"]):
        first = head * D // VIT["num_attention_heads"]
        w[f"{attention}.attention.query.bias"][first] += 2
        for c in colours:
            w[f"{attention}.attention.key.weight"][first, c] += 4
            w[f"{attention}.attention.value.weight"][first + c, c] += 1
            w[f"{attention}.output.dense.weight"][c, first + c] += 1
    return w


def one_patch_cnn():
    """The stem lights up where there is colour, and the stages hand that on."""
    model = AttentionCnn(CNN)
    for name, t in state(model).items():
        if t.dim() > 1:
            t.copy_(FAINT * torch.randn_like(t))
    w = state(model)
    for c in range(COLOURS):
        w["stem.conv.weight"][c, c] += 1 / 9
        for stage in range(2):
            block = f"stages.{stage}.blocks.0"
            w[f"{block}.conv1.weight"][c, c] += 1 / 9
            w[f"{block}.conv2.weight"][c, c, 1, 1] += 1
            w[f"{block}.shortcut.conv.weight"][c, c] += 1
        w["head.weight"][c, c] += 200
    w["stem.norm.bias"].fill_(-0.3)
    for part in ("query", "key", "value", "output"):
        w[f"attention.{part}.bias"].zero_()
    w["attention.gamma"].fill_(0.5)
    w["head.bias"].zero_()
    return model.eval()


@torch.no_grad()
def one_patch(out):
    torch.manual_seed(3)
    weights, cnn = one_patch_vit(), one_patch_cnn()
    pixels, labels, cells = pictures(8)
    for answer in (vit_forward(weights, VIT, pixels)[0], cnn(pixels)):
        sure = answer.softmax(-1).gather(1, labels[:, None])[:, 0]
        assert sure.min() > 0.9, sure
    for name, config, tensors in (("vit", VIT, weights), ("cnn", CNN, state(cnn))):
        os.makedirs(f"{out}/one-patch-{name}", exist_ok=True)
        save(f"{out}/one-patch-{name}/model.safetensors", tensors)
        with open(f"{out}/one-patch-{name}/config.json", "w") as f:
            json.dump(config, f, indent=1)
    os.makedirs(f"{out}/one-patch", exist_ok=True)
    save(f"{out}/one-patch/pictures.safetensors",
         {"pixel_values": pixels, "labels": labels.float(), "cells": cells.float()})


def main(directory):
    out = f"{directory}/explain"
    os.makedirs(out, exist_ok=True)
    save(f"{out}/expected.safetensors", goldens(directory))
    one_patch(out)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else HERE)
