"""The attention CNN in PyTorch, and what a tiny one answers, for the tests of the TypeScript model.

Run with Debian's python3-torch:  /usr/bin/python3 make_attention_cnn.py [OUT_DIR]
writes OUT_DIR/attention-cnn/. Weights and batch statistics are random (fixed seed). B batch, C channels.

variants.json            {variant: the fields of its config.json}
weights.safetensors      F32, every tensor any variant needs: `plain` has no attention.*
expected.safetensors     pixel_values [2, 3, 32, 32], and VARIANT/STAGE: stem, stages.i [B, H, W, C],
                         attention.weights [B, 1, HW, HW], attention.output [B, H, W, C], features [B, h, w, C],
                         pooled [B, C], logits [B, classes]; what equals `scaled`'s is left out, and of variants
                         that differ from their first pixel on, all but BRIEFLY. odd/…: `scaled` on an image of
                         another size, odd/pixel_values [1, 3, 21, 18]; maps as PyTorch has them, [B, C, H, W]

`AttentionCnn` is the architecture itself, for a training recipe to import: a new one has γ = 0, so that it starts as
the CNN without the module. Its state dict, less `num_batches_tracked`, is the model.safetensors of a model folder.
"""
import json, math, os, struct, sys
import torch
import torch.nn as nn
import torch.nn.functional as F

ACTIVATIONS = {"relu": F.relu, "gelu": F.gelu, "silu": F.silu}


class ConvNorm(nn.Sequential):
    """A convolution and its batch normalisation; zeros on all sides alike."""

    def __init__(self, inputs, outputs, size, stride, epsilon):
        super().__init__()
        self.add_module("conv", nn.Conv2d(inputs, outputs, size, stride, size // 2, bias=False))
        self.add_module("norm", nn.BatchNorm2d(outputs, epsilon))


class ResidualBlock(nn.Module):
    """He et al. 2016, the basic block; the shortcut is projected where channels or size change."""

    def __init__(self, inputs, outputs, stride, activation, epsilon):
        super().__init__()
        self.activation = activation
        self.conv1, self.norm1 = ConvNorm(inputs, outputs, 3, stride, epsilon)
        self.conv2, self.norm2 = ConvNorm(outputs, outputs, 3, 1, epsilon)
        projected = stride != 1 or inputs != outputs
        self.shortcut = ConvNorm(inputs, outputs, 1, stride, epsilon) if projected else nn.Identity()

    def forward(self, x):
        inner = self.activation(self.norm1(self.conv1(x)))
        return self.activation(self.norm2(self.conv2(inner)) + self.shortcut(x))


class Stage(nn.Module):
    def __init__(self, inputs, outputs, blocks, stride, activation, epsilon):
        super().__init__()
        self.blocks = nn.Sequential(*(
            ResidualBlock(*((outputs, outputs, 1) if i else (inputs, outputs, stride)), activation, epsilon)
            for i in range(blocks)))

    def forward(self, x):
        return self.blocks(x)


class SpatialSelfAttention(nn.Module):
    """Zhang et al. 2019 (SAGAN), with the scores optionally divided by √inner; γ = 0 makes it the identity."""

    def __init__(self, channels, inner, scaled):
        super().__init__()
        self.query, self.key, self.value = (nn.Conv2d(channels, inner, 1) for _ in range(3))
        self.output = nn.Conv2d(inner, channels, 1)
        self.gamma = nn.Parameter(torch.zeros(1))
        self.scale = inner**-0.5 if scaled else 1.0

    def forward(self, x):
        q, k, v = (part(x).flatten(2) for part in (self.query, self.key, self.value))  # [B, inner, HW]
        weights = torch.softmax(q.transpose(1, 2) @ k * self.scale, -1)  # [B, HW(query), HW(key)]
        mixed = self.output((v @ weights.transpose(1, 2)).view(len(x), -1, *x.shape[2:]))
        return x + self.gamma * mixed, weights[:, None]


class AttentionCnn(nn.Module):
    """pixels [B, 3, H, W] → logits [B, classes]. `config`: the fields of config.json."""

    def __init__(self, config):
        super().__init__()
        self.activation, epsilon = ACTIVATIONS[config["hidden_act"]], config["batch_norm_eps"]
        widths = [config["stem_channels"], *config["stage_channels"]]
        self.stem = ConvNorm(config["num_channels"], widths[0], 3, config["stem_stride"], epsilon)
        self.stages = nn.ModuleList(
            Stage(*measures, self.activation, epsilon)
            for measures in zip(widths, widths[1:], config["stage_blocks"], config["stage_strides"]))
        place = config["attention"]
        self.after = place["after_stage"] if place else None
        if place:
            self.attention = SpatialSelfAttention(widths[self.after + 1], place["inner_channels"], place["scaled"])
        self.head = nn.Linear(widths[-1], len(config["id2label"]))

    def forward(self, pixels):
        return self.passed_through(pixels)["logits"]

    def passed_through(self, pixels):
        """Every named stage of one forward pass, maps as PyTorch has them: [B, C, H, W]."""
        x = self.activation(self.stem(pixels))
        passed = {"stem": x}
        for i, stage in enumerate(self.stages):
            x = passed[f"stages.{i}"] = stage(x)
            if i == self.after:
                x, passed["attention.weights"] = self.attention(x)
                passed["attention.output"] = x
        pooled = x.mean((2, 3))
        return {**passed, "features": x, "pooled": pooled, "logits": self.head(pooled)}


def state(model):
    """What model.safetensors holds."""
    return {name: t for name, t in model.state_dict().items() if not name.endswith("num_batches_tracked")}


def save(path, tensors):
    header, blobs, at = {"__metadata__": {"format": "pt"}}, [], 0
    for name, t in tensors.items():
        raw = t.detach().contiguous().numpy().tobytes()
        header[name] = {"dtype": "F32", "shape": list(t.shape), "data_offsets": [at, at + len(raw)]}
        blobs.append(raw)
        at += len(raw)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + b"".join(blobs))


def randomised(model):
    """Visible values everywhere: a new model's norms change nothing, and its γ is 0."""
    for name, t in state(model).items():
        if name.endswith("gamma"):
            t.fill_(0.7)
        elif name.endswith("running_var"):
            t.copy_(0.3 + 1.5 * torch.rand_like(t))
        elif name.endswith("weight") and t.dim() == 1:
            t.copy_(1 + 0.2 * torch.randn_like(t))
        elif t.dim() == 1:
            t.copy_(0.2 * torch.randn_like(t))
        else:
            spread = 2.0 if "query" in name or "key" in name else 1.0  # or every position would look everywhere alike
            t.copy_(spread * torch.randn_like(t) / math.sqrt(t[0].numel()))
    return model.eval()


SCALED = {
    "model_type": "attention-cnn", "architectures": ["AttentionCnnForImageClassification"],
    "image_size": 32, "num_channels": 3, "stem_channels": 4, "stem_stride": 1,
    "stage_channels": [6, 8, 8], "stage_blocks": [1, 2, 1], "stage_strides": [2, 2, 2],
    "hidden_act": "relu", "batch_norm_eps": 1e-5,
    "attention": {"after_stage": 1, "inner_channels": 5, "scaled": True},
    "id2label": {str(i): f"class {i}" for i in range(5)},
}
PLACE = SCALED["attention"]
VARIANTS = {
    "scaled": SCALED,
    "unscaled": {**SCALED, "attention": {**PLACE, "scaled": False}},
    "last": {**SCALED, "attention": {**PLACE, "after_stage": 2}},
    "plain": {**SCALED, "attention": None},
    "gelu": {**SCALED, "hidden_act": "gelu", "batch_norm_eps": 1e-3},
    "stride": {**SCALED, "stem_stride": 2, "stage_strides": [2, 1, 2]},
}
BRIEFLY = {"gelu": ("stages.2", "logits"), "stride": ("stages.2", "logits")}


@torch.no_grad()
def main(out):
    torch.manual_seed(21)
    weights, pixels = state(randomised(AttentionCnn(SCALED))), torch.randn(2, 3, 32, 32)
    expected = {"pixel_values": pixels}
    for variant, config in VARIANTS.items():
        model = AttentionCnn(config)
        if config["attention"]:  # a new module changes nothing
            fresh = model.eval().passed_through(pixels)
            assert torch.equal(fresh["attention.output"], fresh[f"stages.{model.after}"])
        wanted = {name: weights[name] for name in state(model)}
        model.load_state_dict({**model.state_dict(), **wanted})
        passed = model.eval().passed_through(pixels)
        for stage, t in passed.items():
            answer = t.permute(0, 2, 3, 1) if t.dim() == 4 and stage != "attention.weights" else t
            shared = expected.get(f"scaled/{stage}")
            known = shared is not None and torch.equal(shared, answer)
            if stage in BRIEFLY.get(variant, passed) and not known:
                expected[f"{variant}/{stage}"] = answer
    odd, scaled = torch.randn(1, 3, 21, 18), AttentionCnn(SCALED).eval()
    scaled.load_state_dict({**scaled.state_dict(), **weights})
    passed = scaled.passed_through(odd)
    expected["odd/pixel_values"] = odd
    expected |= {f"odd/{stage}": passed[stage] for stage in ("stages.1", "attention.weights", "logits")}
    os.makedirs(out, exist_ok=True)
    save(f"{out}/weights.safetensors", weights)
    save(f"{out}/expected.safetensors", expected)
    with open(f"{out}/variants.json", "w") as f:
        json.dump(VARIANTS, f, indent=1)


if __name__ == "__main__":
    main(os.path.join(sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__)), "attention-cnn"))
