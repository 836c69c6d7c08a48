"""Tiny ViTs with layer scale, registers and positions for other sizes, by transformers and timm themselves.

Run with pip's torch, transformers and timm (made with 2.13, 5.18 and 1.0.29):  python make_dinov2.py [OUT_DIR]
writes OUT_DIR/dinov2/CASE/: config.json, of transformers preprocessor_config.json, model.safetensors (F16,
random, rounded before anything is computed) as the library saves it, and expected.safetensors (F32). B batch, N tokens:

pixel_values [2, 3, 28, 28] and what is answered to it: logits [B, classes] where there is a classifier, last_hidden_state
[B, N, D] behind the final norm, hidden_states.0 … L, attentions.0 … L-1 [B, H, N, N];
other/…  of transformers: hidden_states.0 and last_hidden_state for pixels of another size [1, 3, 56, 35]
"""
import json, math, os, sys
import timm, torch
from safetensors.torch import save_file
from transformers import (Dinov2Config, Dinov2ForImageClassification, Dinov2WithRegistersConfig,
                          Dinov2WithRegistersForImageClassification, Dinov2WithRegistersModel)
from timm_stages import timm_stages

OUT = os.path.join(sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__)), "dinov2")
SIDE, PATCH, LEARNED, D, DEPTH, HEADS, CLASSES = 28, 7, 42, 32, 2, 4, 5  # LEARNED: pixels that positions are for
PREPROCESSOR = {"image_processor_type": "BitImageProcessor", "size": {"shortest_edge": 32}, "crop_size": {"height": SIDE, "width": SIDE},
                "do_resize": True, "do_center_crop": True, "resample": 3, "do_convert_rgb": True}  # in the form of facebook/dinov2-small's


def randomise(model):
    """Visible values everywhere, exact in float16."""
    for name, p in model.named_parameters():
        scale = 1.0 if "token" in name else 1 / math.sqrt(p[0].numel()) if p.dim() in (2, 4) else 0.3
        p.copy_(((1.0 if "norm" in name and name.endswith("weight") else 0.0) + scale * torch.randn(p.shape)).half().float())
    return model.eval()


def keep(name, config, tensors, expected):
    folder = os.path.join(OUT, name)
    os.makedirs(folder, exist_ok=True)
    if config is not None:
        with open(f"{folder}/config.json", "w") as file:
            file.write(json.dumps(config, indent=1) + "\n")
    if tensors is not None:
        save_file({key: t.half().contiguous() for key, t in tensors.items()}, f"{folder}/model.safetensors", {"format": "pt"})
    save_file({key: t.float().clone().contiguous() for key, t in expected.items()}, f"{folder}/expected.safetensors")


def answers(o, backbone):
    named = {"logits": o.logits} if hasattr(o, "logits") else {}
    named["last_hidden_state"] = backbone.layernorm(o.hidden_states[-1])
    named.update({f"hidden_states.{i}": h for i, h in enumerate(o.hidden_states)}, **{f"attentions.{i}": a for i, a in enumerate(o.attentions)})
    return named


def by_transformers(name, make, config_class, pixels, other, **fields):
    config = config_class(hidden_size=D, num_hidden_layers=DEPTH, num_attention_heads=HEADS, image_size=LEARNED, patch_size=PATCH,
                          attn_implementation="eager", **fields)
    model = randomise(make(config))
    backbone = getattr(model, model.base_model_prefix, model)
    run = lambda x: answers(model(x, output_hidden_states=True, output_attentions=True), backbone)
    elsewhere = {f"other/{name}": run(other)[name] for name in ("hidden_states.0", "last_hidden_state")}
    keep(name, None, None, {"pixel_values": pixels, **run(pixels), "other/pixel_values": other, **elsewhere})
    folder = os.path.join(OUT, name)
    model.half().save_pretrained(folder)
    with open(f"{folder}/preprocessor_config.json", "w") as file:
        file.write(json.dumps(PREPROCESSOR, indent=1) + "\n")


def by_timm(name, architecture, pixels, **args):
    sizes = dict(img_size=SIDE, patch_size=PATCH, embed_dim=D, depth=DEPTH, num_heads=HEADS)
    model = randomise(timm.create_model(architecture, pretrained=False, **sizes, **args))
    expected = {"pixel_values": pixels, **timm_stages(model, pixels)}
    config = {"architecture": architecture, "num_classes": model.num_classes, "num_features": D, "global_pool": model.global_pool,
              "model_args": sizes, "pretrained_cfg": {"input_size": [3, SIDE, SIDE], "crop_pct": 1.0}}
    keep(name, config, model.state_dict(), expected)


@torch.no_grad()
def main():
    torch.manual_seed(20)
    pixels, other = torch.randn(2, 3, SIDE, SIDE), torch.randn(1, 3, 56, 35)
    by_transformers("classifier", Dinov2ForImageClassification, Dinov2Config, pixels, other, num_labels=CLASSES)
    by_transformers("registers", Dinov2WithRegistersModel, Dinov2WithRegistersConfig, pixels, other)
    by_transformers("registers-classifier", Dinov2WithRegistersForImageClassification, Dinov2WithRegistersConfig, pixels, other,
                    num_labels=CLASSES, num_register_tokens=2, qkv_bias=False)
    by_timm("timm-registers", "vit_small_patch14_reg4_dinov2", pixels)
    by_timm("timm-deit3", "deit3_small_patch16_224", pixels, num_classes=CLASSES)
    by_timm("timm-registers-mean", "vit_medium_patch16_reg4_gap_256", pixels, num_classes=CLASSES)


main()
