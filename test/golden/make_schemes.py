"""A tiny ViT under every naming scheme, and what PyTorch answers, for the tests of checkpoints and of the model.

Run with Debian's python3-torch and python3-torchvision:  /usr/bin/python3 make_schemes.py [OUT_DIR]
writes OUT_DIR/schemes/. Weights are random (fixed seed), rounded to float16 before anything is computed, so the one
weight file is exact in both precisions. B batch, N tokens, D width, H heads.

weights.safetensors      F16, every tensor any variant needs, under Hugging Face's names (transformers 4) without prefix,
                         query, key and value apart. `variants/…` replace the plain tensor of the same name in a variant.
names.json               {scheme: {"config": …, "case": …, "tensors": [{"file": name in a file of that scheme,
                         "parts": [names in weights.safetensors, to be joined along the rows]}]}}
inputs.safetensors       pixel_values [2, 3, 32, 32]; pixel_values_48x40 [1, 3, 48, 40]
expected-CASE.safetensors  logits [B, classes], last_hidden_state [B, N, D] (after the final norm, where it runs on
                         tokens), hidden_states.0 … L (tokens, then each block's output), attentions.0 … L-1 [B, H, N, N]
expected-logits.safetensors  logits alone of variants that share their stages with a case or differ in one function
"""
import copy, json, math, os, struct, sys
import torch
import torch.nn as nn
import torch.nn.functional as F
from torchvision.models.vision_transformer import VisionTransformer

OUT = os.path.join(sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__)), "schemes")
SIDE, PATCH, D, DEPTH, HEADS, MLP, CLASSES = 32, 8, 32, 2, 4, 64, 5
DTYPES = {torch.float32: "F32", torch.float16: "F16"}


def save(name, tensors):
    header, blobs, at = {}, [], 0
    for key, t in tensors.items():
        raw = t.detach().contiguous().numpy().tobytes()
        header[key] = {"dtype": DTYPES[t.dtype], "shape": list(t.shape), "data_offsets": [at, at + len(raw)]}
        blobs.append(raw)
        at += len(raw)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(f"{OUT}/{name}.safetensors", "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + b"".join(blobs))


def rounded(*shape, mean=0.0, scale=1.0):
    return (mean + scale * torch.randn(*shape)).half().float()


def randomise(model):
    """Visible values everywhere: default initialisation leaves biases, class token and heads at zero."""
    for name, p in model.named_parameters():
        if name.endswith("weight") and p.dim() == 1:
            p.copy_(rounded(*p.shape, mean=1.0, scale=0.2))
        elif p.dim() == 1:
            p.copy_(rounded(*p.shape, scale=0.2))
        elif "pos_embedding" in name or "class_token" in name:
            p.copy_(rounded(*p.shape, scale=0.5))
        else:
            p.copy_(rounded(*p.shape, scale=1 / math.sqrt(p[0].numel())))
    return model.eval()


def encode(model, tokens):
    """torchvision's encoder from the tokens on, stage by stage."""
    hidden, attentions, h = [tokens], [], tokens
    for layer in model.encoder.layers:
        z = layer.ln_1(h)
        mixed, weights = layer.self_attention(z, z, z, need_weights=True, average_attn_weights=False)
        h = h + mixed
        h = h + layer.mlp(layer.ln_2(h))
        hidden.append(h)
        attentions.append(weights)
    return hidden, attentions


def patches(model, x):
    return model.conv_proj(x).flatten(2).transpose(1, 2)  # [B, N, D]


def stages(logits, last, hidden, attentions):
    return {"logits": logits, "last_hidden_state": last, **{f"hidden_states.{i}": h for i, h in enumerate(hidden)},
            **{f"attentions.{i}": a for i, a in enumerate(attentions)}}


def base_weights(model):
    """torchvision -> Hugging Face's bare names, query, key and value apart."""
    sd = model.state_dict()
    out = {"embeddings.cls_token": sd["class_token"], "embeddings.position_embeddings": sd["encoder.pos_embedding"]}
    modules = {"embeddings.patch_embeddings.projection": "conv_proj", "layernorm": "encoder.ln", "classifier": "heads.head"}
    for i in range(DEPTH):
        source, target = f"encoder.layers.encoder_layer_{i}", f"encoder.layer.{i}"
        for k, part in enumerate(("query", "key", "value")):
            for leaf in ("weight", "bias"):
                fused = sd[f"{source}.self_attention.in_proj_{leaf}"]
                out[f"{target}.attention.attention.{part}.{leaf}"] = fused[k * D:(k + 1) * D]
        modules.update({f"{target}.attention.output.dense": f"{source}.self_attention.out_proj", f"{target}.layernorm_before": f"{source}.ln_1",
                        f"{target}.layernorm_after": f"{source}.ln_2", f"{target}.intermediate.dense": f"{source}.mlp.0", f"{target}.output.dense": f"{source}.mlp.3"})
    for target, source in modules.items():
        for leaf in ("weight", "bias"):
            out[f"{target}.{leaf}"] = sd[f"{source}.{leaf}"]
    return out


# ---- names: written out per scheme, apart from the translation under test ----

def both(target, *sources):
    return [(f"{target}.{leaf}", [f"{source}.{leaf}" for source in sources]) for leaf in ("weight", "bias")]


def names_hf4(prefix="", heads=(("classifier", "classifier"),), distilled=False, pooler=False):
    pairs = [(prefix + "embeddings.cls_token", ["embeddings.cls_token"])]
    if distilled:
        pairs += [(prefix + "embeddings.distillation_token", ["variants/embeddings.distillation_token"])]
    pairs += [(prefix + "embeddings.position_embeddings", [("variants/" if distilled else "") + "embeddings.position_embeddings"])]
    pairs += both(prefix + "embeddings.patch_embeddings.projection", "embeddings.patch_embeddings.projection")
    for i in range(DEPTH):
        for module in ("attention.attention.query", "attention.attention.key", "attention.attention.value", "attention.output.dense",
                       "intermediate.dense", "output.dense", "layernorm_before", "layernorm_after"):
            pairs += both(f"{prefix}encoder.layer.{i}.{module}", f"encoder.layer.{i}.{module}")
    pairs += both(prefix + "layernorm", "layernorm")
    if pooler:
        pairs += both(prefix + "pooler.dense", "variants/pooler.dense")
    for target, source in heads:
        pairs += both(target, source)
    return pairs


HF5 = {"attention.attention.query": "attention.q_proj", "attention.attention.key": "attention.k_proj", "attention.attention.value": "attention.v_proj",
       "attention.output.dense": "attention.o_proj", "intermediate.dense": "mlp.fc1", "output.dense": "mlp.fc2",
       "layernorm_before": "layernorm_before", "layernorm_after": "layernorm_after"}


def names_hf5(prefix="", **options):
    pairs = []
    for target, parts in names_hf4(prefix, **options):
        for i in range(DEPTH):
            for old, new in HF5.items():
                for leaf in ("weight", "bias"):
                    if target == f"{prefix}encoder.layer.{i}.{old}.{leaf}":
                        target = f"{prefix}layers.{i}.{new}.{leaf}"
        pairs.append((target, parts))
    return pairs


def names_timm(prefix="", distilled=False, norm="norm", head=True):
    pairs = [(prefix + "cls_token", ["embeddings.cls_token"])]
    if distilled:
        pairs += [(prefix + "dist_token", ["variants/embeddings.distillation_token"])]
    pairs += [(prefix + "pos_embed", [("variants/" if distilled else "") + "embeddings.position_embeddings"])]
    pairs += both(prefix + "patch_embed.proj", "embeddings.patch_embeddings.projection")
    for i in range(DEPTH):
        b, s = f"{prefix}blocks.{i}.", f"encoder.layer.{i}."
        pairs += both(b + "norm1", s + "layernorm_before") + both(b + "attn.qkv", *(f"{s}attention.attention.{p}" for p in ("query", "key", "value")))
        pairs += both(b + "attn.proj", s + "attention.output.dense") + both(b + "norm2", s + "layernorm_after")
        pairs += both(b + "mlp.fc1", s + "intermediate.dense") + both(b + "mlp.fc2", s + "output.dense")
    pairs += both(prefix + norm, "layernorm")
    if head:
        pairs += both(prefix + "head", "classifier")
    if distilled:
        pairs += both(prefix + "head_dist", "variants/distillation_classifier")
    return pairs


def names_torchvision(first="mlp.0", second="mlp.3"):
    pairs = [("class_token", ["embeddings.cls_token"])] + both("conv_proj", "embeddings.patch_embeddings.projection")
    pairs += [("encoder.pos_embedding", ["embeddings.position_embeddings"])]
    for i in range(DEPTH):
        b, s = f"encoder.layers.encoder_layer_{i}.", f"encoder.layer.{i}."
        pairs += both(b + "ln_1", s + "layernorm_before") + both(b + "ln_2", s + "layernorm_after") + both(b + "self_attention.out_proj", s + "attention.output.dense")
        for leaf in ("weight", "bias"):
            pairs += [(f"{b}self_attention.in_proj_{leaf}", [f"{s}attention.attention.{p}.{leaf}" for p in ("query", "key", "value")])]
        pairs += both(b + first, s + "intermediate.dense") + both(b + second, s + "output.dense")
    return pairs + both("encoder.ln", "layernorm") + both("heads.head", "classifier")


HF_CONFIG = {"architectures": ["ViTForImageClassification"], "model_type": "vit", "image_size": SIDE, "patch_size": PATCH, "num_channels": 3, "hidden_size": D,
             "num_hidden_layers": DEPTH, "num_attention_heads": HEADS, "intermediate_size": MLP, "hidden_act": "gelu", "layer_norm_eps": 1e-6, "qkv_bias": True,
             "id2label": {str(i): f"label {i}" for i in range(CLASSES)}}
TIMM_CONFIG = {"architecture": "vit_tiny_patch16_224", "num_classes": CLASSES, "num_features": D, "global_pool": "token",
               "model_args": {"img_size": SIDE, "patch_size": PATCH, "embed_dim": D, "depth": DEPTH, "num_heads": HEADS, "mlp_ratio": MLP / D},
               "pretrained_cfg": {"input_size": [3, SIDE, SIDE], "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5], "crop_pct": 0.9, "interpolation": "bicubic"}}


def hf(architecture, model_type="vit"):
    return {**HF_CONFIG, "architectures": [architecture], "model_type": model_type}


def scheme_table():
    teacher = (("cls_classifier", "classifier"), ("distillation_classifier", "variants/distillation_classifier"))
    distilled_timm = {**TIMM_CONFIG, "architecture": "deit_tiny_distilled_patch16_224"}
    table = {
        "hf4": (HF_CONFIG, "vit", names_hf4("vit.")),
        "hf4-bare": (hf("ViTModel"), "vit-no-head", names_hf4(heads=(), pooler=True)),
        "hf4-pooler-beside-classifier": (HF_CONFIG, "vit", names_hf4("vit.", pooler=True)),
        "hf5": (HF_CONFIG, "vit", names_hf5("vit.")),
        "hf5-bare": (hf("ViTModel"), "vit-no-head", names_hf5(heads=(), pooler=True)),
        "deit4": (hf("DeiTForImageClassificationWithTeacher", "deit"), "distilled", names_hf4("deit.", heads=teacher, distilled=True)),
        "deit5": (hf("DeiTForImageClassificationWithTeacher", "deit"), "distilled", names_hf5("deit.", heads=teacher, distilled=True)),
        "deit4-one-head": (hf("DeiTForImageClassification", "deit"), "distilled-one-head", names_hf4("deit.", distilled=True)),
        "timm": (TIMM_CONFIG, "vit", names_timm()),
        "timm-module": (TIMM_CONFIG, "vit", names_timm("module.")),
        "timm-distilled": (distilled_timm, "distilled", names_timm(distilled=True)),
        "timm-fc-norm": ({**TIMM_CONFIG, "global_pool": "avg"}, "mean-fc-norm", names_timm(norm="fc_norm")),
        "timm-mean-norm": ({**TIMM_CONFIG, "global_pool": "avg"}, "mean-norm", names_timm()),
        "dino": ({**TIMM_CONFIG, "num_classes": 0}, "vit-no-head", names_timm("module.backbone.", head=False)),
        "torchvision": (HF_CONFIG, "vit", names_torchvision()),
        "torchvision-old": (HF_CONFIG, "vit", names_torchvision("mlp.linear_1", "mlp.linear_2")),
    }
    return {scheme: {"config": config, "case": case, "tensors": [{"file": f, "parts": p} for f, p in pairs]} for scheme, (config, case, pairs) in table.items()}


# ---- answers ----

def plain_forward(model, x, positions=None):
    tokens = torch.cat([model.class_token.expand(x.shape[0], -1, -1), patches(model, x)], 1)
    hidden, attentions = encode(model, tokens + (model.encoder.pos_embedding if positions is None else positions))
    last = model.encoder.ln(hidden[-1])
    return stages(model.heads(last[:, 0]), last, hidden, attentions)


def interpolated(positions, height, width):
    """transformers' ViTEmbeddings.interpolate_pos_encoding: the class token's row aside, bicubic, no antialias."""
    side = int(math.sqrt(positions.shape[1] - 1))
    grid = positions[:, 1:].reshape(1, side, side, D).permute(0, 3, 1, 2)
    grid = F.interpolate(grid, size=(height, width), mode="bicubic", align_corners=False)
    return torch.cat([positions[:, :1], grid.permute(0, 2, 3, 1).reshape(1, -1, D)], 1)


def with_weights(model, change):
    """A copy of the model whose parameters went through `change(name, tensor)`."""
    other = copy.deepcopy(model)
    for name, p in other.named_parameters():
        p.copy_(change(name, p))
    return other


def with_activation(model, activation):
    other = copy.deepcopy(model)
    for layer in other.encoder.layers:
        layer.mlp[1] = activation
    return other


def main():
    torch.manual_seed(21)
    os.makedirs(OUT, exist_ok=True)
    model = randomise(VisionTransformer(SIDE, PATCH, DEPTH, HEADS, D, MLP, num_classes=CLASSES))
    base = base_weights(model)
    tokens = 1 + (SIDE // PATCH) ** 2
    extra = {"embeddings.distillation_token": rounded(1, 1, D, scale=0.5), "embeddings.position_embeddings": rounded(1, tokens + 1, D, scale=0.5),
             "distillation_classifier.weight": rounded(CLASSES, D, scale=1 / math.sqrt(D)), "distillation_classifier.bias": rounded(CLASSES, scale=0.2),
             "pooler.dense.weight": rounded(D, D, scale=1 / math.sqrt(D)), "pooler.dense.bias": rounded(D, scale=0.2)}
    save("weights", {**{k: v.half() for k, v in base.items()}, **{f"variants/{k}": v.half() for k, v in extra.items()}})
    x, wide = torch.randn(2, 3, SIDE, SIDE), torch.randn(1, 3, 48, 40)
    save("inputs", {"pixel_values": x, "pixel_values_48x40": wide})

    plain = plain_forward(model, x)
    assert torch.allclose(plain["logits"], model(x), atol=1e-5)
    save("expected-vit", plain)

    positions = interpolated(model.encoder.pos_embedding, 6, 5)
    save("expected-interpolated", {**plain_forward(model, wide, positions), "positions": positions})

    # distilled: tokens class, distillation, patches; logits are the mean of two heads
    two = torch.cat([model.class_token.expand(2, -1, -1), extra["embeddings.distillation_token"].expand(2, -1, -1), patches(model, x)], 1)
    hidden, attentions = encode(model, two + extra["embeddings.position_embeddings"])
    last = model.encoder.ln(hidden[-1])
    one_head = model.heads(last[:, 0])
    second = F.linear(last[:, 1], extra["distillation_classifier.weight"], extra["distillation_classifier.bias"])
    save("expected-distilled", stages((one_head + second) / 2, last, hidden, attentions))

    h = plain["hidden_states.%d" % DEPTH]
    halved = with_weights(model, lambda _, p: p.bfloat16().float())
    mute = with_weights(model, lambda name, p: p * 0 if name.endswith("in_proj_bias") else p)
    save("expected-logits", {
        "distilled-one-head": one_head,
        "mean-fc-norm": model.heads(model.encoder.ln(h[:, 1:].mean(1))),       # pool, then norm (timm's fc_norm)
        "mean-norm": model.heads(model.encoder.ln(h)[:, 1:].mean(1)),          # norm, then pool
        "bfloat16": halved(x),                                                 # weights rounded, arithmetic in float32
        "no-qkv-bias": mute(x),
        "gelu-tanh": with_activation(model, nn.GELU(approximate="tanh"))(x),
        "relu": with_activation(model, nn.ReLU())(x),
        "silu": with_activation(model, nn.SiLU())(x),
        "pooler_output": torch.tanh(F.linear(plain["last_hidden_state"][:, 0], extra["pooler.dense.weight"], extra["pooler.dense.bias"])),
    })
    with open(f"{OUT}/names.json", "w") as f:
        json.dump(scheme_table(), f, separators=(",", ":"))


if __name__ == "__main__":
    torch.set_grad_enabled(False)
    main()
