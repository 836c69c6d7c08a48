"""One tiny ViT in the kinds of file that NumPy and PyTorch write, and what timm answers once it has read the .npz.

Run with pip's torch, numpy and timm (made with 2.13, 2.4 and 1.0.29):  python make_file_kinds.py [OUT_DIR]
writes OUT_DIR/file-kinds/. B batch, N tokens, D width, L blocks, H heads:

model.npz             random arrays under the names and in the layouts of google-research/vision_transformer, by numpy.savez
training.pth          by torch.save: what a training run leaves, timm's state dict under "model", in F16, one tensor a
                      transposed view, beside numbers, an optimiser's state and an argparse.Namespace
timm.json             a config.json for the other two, of timm's form
legacy.pth            the state dict by torch.save as before PyTorch 1.6, its qkv tensors views of one storage
dtypes.pth            tensors of every type, one of them empty, one a scalar; dtypes.json holds their shapes and values
expected.safetensors  pixel_values [2, 3, 32, 32]; logits [B, classes], last_hidden_state [B, N, D], hidden_states.0 … L,
                      attentions.0 … L-1 [B, H, N, N]
"""
import argparse, json, math, os, pathlib, sys
import numpy as np
import timm, torch
from collections import OrderedDict
from safetensors.torch import save_file
from timm_stages import timm_stages

OUT = os.path.join(sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__)), "file-kinds")
SIDE, PATCH, D, DEPTH, HEADS, MLP, CLASSES = 32, 8, 32, 2, 4, 64, 5


def arrays(generator):
    """Visible values everywhere, exact in float16."""
    def made(*shape, mean=0.0, scale=0.3):
        return (mean + scale * generator.standard_normal(shape)).astype(np.float16).astype(np.float32)

    def kernel(*shape, inputs):
        return made(*shape, scale=1 / math.sqrt(math.prod(shape[:inputs])))

    of = {"cls": made(1, 1, D, scale=1), "embedding/kernel": kernel(PATCH, PATCH, 3, D, inputs=3), "embedding/bias": made(D),
          "Transformer/posembed_input/pos_embedding": made(1, 1 + (SIDE // PATCH) ** 2, D, scale=1),
          "Transformer/encoder_norm/scale": made(D, mean=1), "Transformer/encoder_norm/bias": made(D),
          "head/kernel": kernel(D, CLASSES, inputs=1), "head/bias": made(CLASSES)}
    for layer in range(DEPTH):
        block = f"Transformer/encoderblock_{layer}"
        attention = f"{block}/MultiHeadDotProductAttention_1"
        for norm in ("LayerNorm_0", "LayerNorm_2"):
            of.update({f"{block}/{norm}/scale": made(D, mean=1), f"{block}/{norm}/bias": made(D)})
        for name in ("query", "key", "value"):
            of.update({f"{attention}/{name}/kernel": kernel(D, HEADS, D // HEADS, inputs=1), f"{attention}/{name}/bias": made(HEADS, D // HEADS)})
        of.update({f"{attention}/out/kernel": kernel(HEADS, D // HEADS, D, inputs=2), f"{attention}/out/bias": made(D)})
        for name, shape in (("Dense_0", (D, MLP)), ("Dense_1", (MLP, D))):
            of.update({f"{block}/MlpBlock_3/{name}/kernel": kernel(*shape, inputs=1), f"{block}/MlpBlock_3/{name}/bias": made(shape[1])})
    return of


def training_run(state):
    """A file as DeiT's and DINO's are: the weights inside, among things that only their own code could read."""
    half = OrderedDict((name, t.half()) for name, t in state.items())
    half["head.weight"] = half["head.weight"].t().contiguous().t()
    moments = {"state": {0: {"step": torch.tensor(7.0), "exp_avg": torch.ones(3)}}, "param_groups": [{"lr": 1e-3, "params": [0]}]}
    return {"epoch": 3, "best": -70_000_000_000, "loss": torch.tensor(0.5), "model": half, "optimizer": moments, "scaler": None,
            "args": argparse.Namespace(lr=0.1, name="tiny", flags={"a", "b"}, out=pathlib.PurePosixPath("/out")),
            "seen": [True, False, b"bytes", np.float64(1.5), frozenset({1}), bytearray(b"more"), 2 ** 2100, "long" * 100]}


def in_old_form(state):
    """Query, key and value of all blocks behind each other in one storage."""
    fused = [name for name in state if name.endswith("qkv.weight")]
    together, old = torch.cat([state[name] for name in fused]), OrderedDict(state)
    for at, name in enumerate(fused):
        old[name] = together[at * 3 * D:(at + 1) * 3 * D]
    old["patch_embed.proj.weight"] = torch.nn.Parameter(old["patch_embed.proj.weight"])
    return old


def every_type():
    of = {f"{dtype}": torch.tensor([[0, 1, 2], [3, 100, 1]]).to(dtype) for dtype in
          (torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool)}
    of = {name.removeprefix("torch."): t for name, t in of.items()}
    return {**of, "empty": torch.zeros(0, 3), "scalar": torch.tensor(2.5), "swapped": torch.arange(24.0).view(2, 3, 4).permute(2, 0, 1),
            "every-other": torch.arange(10, dtype=torch.int64)[1::3], "same-for-all": torch.tensor([1.0, 2.0]).expand(3, 2)}


@torch.no_grad()
def main():
    os.makedirs(OUT, exist_ok=True)
    np.savez(f"{OUT}/model.npz", **arrays(np.random.default_rng(6)))
    torch.manual_seed(6)
    sizes = dict(img_size=SIDE, patch_size=PATCH, embed_dim=D, depth=DEPTH, num_heads=HEADS, mlp_ratio=MLP / D, num_classes=CLASSES)
    model = timm.models.vision_transformer.VisionTransformer(**sizes).eval()
    model.load_pretrained(f"{OUT}/model.npz")
    state = model.state_dict()
    torch.save(training_run(state), f"{OUT}/training.pth", pickle_protocol=5)
    torch.save(in_old_form(state), f"{OUT}/legacy.pth", _use_new_zipfile_serialization=False, pickle_protocol=4)
    with open(f"{OUT}/timm.json", "w") as file:
        file.write(json.dumps({"architecture": "vit_tiny_patch16_224", "num_classes": CLASSES, "num_features": D, "model_args": sizes}, indent=1) + "\n")
    tensors = every_type()
    torch.save(tensors, f"{OUT}/dtypes.pth")
    with open(f"{OUT}/dtypes.json", "w") as file:
        file.write(json.dumps({name: {"shape": list(t.shape), "values": t.double().flatten().tolist()} for name, t in tensors.items()}, indent=1) + "\n")
    pixels = torch.randn(2, 3, SIDE, SIDE)
    expected = {"pixel_values": pixels, **timm_stages(model, pixels)}
    save_file({key: t.clone().contiguous() for key, t in expected.items()}, f"{OUT}/expected.safetensors")


main()
