"""The captioners in PyTorch, and what tiny ones answer, for the tests of the TypeScript models.

Run with Debian's python3-torch:  /usr/bin/python3 make_captioner.py [OUT_DIR]
writes OUT_DIR/captioner/. Weights and features are random (fixed seed). B photos, L positions, C width of the features,
T words, V words in all, H heads.

variants.json             {variant: config}
VARIANT.safetensors       weights.NAME, the state dict; grid [B, L, C]; words [B, T]; logits [B, T, V];
                          recurrent: alphas [B, T, L]; transformer: attentions.i [B, H, T, L]

`RecurrentCaptioner` and `TransformerCaptioner` are the architectures themselves, for a training recipe to import: the
state dict is the model.safetensors of a model folder.
"""
import json, math, os, sys
import torch
import torch.nn as nn
import torch.nn.functional as F
from make_attention_cnn import save


class RecurrentCaptioner(nn.Module):
    """Xu et al. 2015, soft attention."""

    def __init__(self, config):
        super().__init__()
        V, C, E, D, A = (config[k] for k in ("vocab_size", "feature_size", "embedding_size", "hidden_size", "alignment_size"))
        self.config = config
        self.embedding = nn.Embedding(V, E)
        self.init_h, self.init_c = nn.Linear(C, D), nn.Linear(C, D)
        self.encoder_attention, self.decoder_attention = nn.Linear(C, A), nn.Linear(D, A)
        if config["alignment"] == "additive":
            self.full_attention = nn.Linear(A, 1)
        self.gate, self.cell = nn.Linear(D, C), nn.LSTMCell(E + C, D)
        if config["output"] == "deep":
            self.output_hidden, self.output_context = nn.Linear(D, E), nn.Linear(C, E)
        self.output = nn.Linear(E if config["output"] == "deep" else D, V)

    def align(self, grid, h):
        keys, query = self.encoder_attention(grid), self.decoder_attention(h)[:, None]  # [B, L, A], [B, 1, A]
        if self.config["alignment"] == "additive":
            scores = self.full_attention(F.relu(keys + query)).squeeze(-1)
        else:
            scores = (query @ keys.transpose(1, 2)).squeeze(1) / math.sqrt(keys.shape[-1])
        return torch.softmax(scores, -1)  # [B, L]

    def forward(self, grid, words):
        """grid [B, L, C], words [B, T] → logits [B, T, V], alphas [B, T, L]"""
        h, c = self.init_h(grid.mean(1)), self.init_c(grid.mean(1))
        logits, alphas = [], []
        for t in range(words.shape[1]):
            word, alpha = self.embedding(words[:, t]), self.align(grid, h)
            context = torch.sigmoid(self.gate(h)) * (alpha[..., None] * grid).sum(1)
            h, c = self.cell(torch.cat([word, context], -1), (h, c))
            deep = self.config["output"] == "deep"
            read = word + self.output_hidden(h) + self.output_context(context) if deep else h
            logits.append(self.output(read))
            alphas.append(alpha)
        return torch.stack(logits, 1), torch.stack(alphas, 1)


def sinusoids(count, width):
    p, i = torch.arange(count, dtype=torch.float64)[:, None], torch.arange(0, width, 2, dtype=torch.float64)
    angles = p / 10000 ** (i / width)
    return torch.stack([angles.sin(), angles.cos()], -1).flatten(1).float()  # [count, width]


class TransformerCaptioner(nn.Module):
    """Word embeddings and positions in front of PyTorch's own `nn.TransformerDecoder`."""

    def __init__(self, config, dropout=0.0):
        super().__init__()
        V, C, D, P = (config[k] for k in ("vocab_size", "feature_size", "hidden_size", "max_positions"))
        self.config = config
        self.embedding = nn.Embedding(V, D)
        if config["positions"] == "learned":
            self.positions = nn.Embedding(P, D)
        if C != D:
            self.memory_projection = nn.Linear(C, D)
        pre = config["norm_order"] == "pre"
        layer = nn.TransformerDecoderLayer(
            D, config["num_attention_heads"], config["intermediate_size"], dropout, config["hidden_act"],
            config["layer_norm_eps"], batch_first=True, norm_first=pre)
        norm = nn.LayerNorm(D, config["layer_norm_eps"]) if pre else None
        self.decoder = nn.TransformerDecoder(layer, config["num_hidden_layers"], norm)
        if not config["tie_word_embeddings"]:
            self.output = nn.Linear(D, V, bias=False)

    def forward(self, grid, words):
        """grid [B, L, C], words [B, T] → logits [B, T, V]"""
        D, T = self.config["hidden_size"], words.shape[1]
        x = self.embedding(words)
        if self.config["positions"] == "learned":
            x = x + self.positions.weight[:T]
        else:
            x = math.sqrt(D) * x + sinusoids(T, D)
        memory = self.memory_projection(grid) if hasattr(self, "memory_projection") else grid
        x = self.decoder(x, memory, tgt_mask=torch.triu(torch.full((T, T), float("-inf")), 1))
        return x @ self.embedding.weight.T if self.config["tie_word_embeddings"] else self.output(x)


def randomised(model):
    """Visible values everywhere, and attention that looks somewhere."""
    for name, p in model.named_parameters():
        if "norm" in name and name.endswith("weight"):
            p.copy_(1 + 0.2 * torch.randn_like(p))
        elif p.dim() == 1:
            p.copy_(0.2 * torch.randn_like(p))
        else:
            spread = 2.0 if "attention" in name or "in_proj" in name else 1.0
            p.copy_(spread * torch.randn_like(p) / math.sqrt(p.shape[-1]))
    return model.eval()


def watched(model, looked):
    """The same model, whose cross-attentions also write their weights down."""
    for layer in model.decoder.layers:
        attend = layer.multihead_attn.forward

        def forward(*inputs, attend=attend, **options):
            mixed, weights = attend(*inputs, **{**options, "need_weights": True, "average_attn_weights": False})
            looked.append(weights)
            return mixed, weights

        layer.multihead_attn.forward = forward
    return model


RECURRENT = {"model_type": "recurrent-captioner", "vocab_size": 15, "feature_size": 10, "embedding_size": 6, "hidden_size": 8,
             "alignment_size": 7, "alignment": "additive", "output": "deep"}
TRANSFORMER = {"model_type": "transformer-captioner", "vocab_size": 15, "feature_size": 12, "hidden_size": 16, "num_hidden_layers": 2,
               "num_attention_heads": 4, "intermediate_size": 24, "hidden_act": "relu", "layer_norm_eps": 1e-5,
               "norm_order": "post", "positions": "sinusoidal", "max_positions": 12, "tie_word_embeddings": True}
VARIANTS = {
    "additive-deep": RECURRENT,
    "dot-hidden": {**RECURRENT, "alignment": "dot", "output": "hidden"},
    "post-tied-sinusoidal": TRANSFORMER,
    "pre-untied-learned": {**TRANSFORMER, "feature_size": 16, "hidden_act": "gelu", "norm_order": "pre",
                           "positions": "learned", "tie_word_embeddings": False},
}


@torch.no_grad()
def main(out):
    torch.manual_seed(31)
    os.makedirs(out, exist_ok=True)
    for variant, config in VARIANTS.items():
        grid, words = torch.randn(2, 9, config["feature_size"]), torch.randint(0, config["vocab_size"], (2, 6))
        if config["model_type"] == "recurrent-captioner":
            model = randomised(RecurrentCaptioner(config))
            logits, alphas = model(grid, words)
            answers = {"logits": logits, "alphas": alphas}
        else:
            looked = []
            model = watched(randomised(TransformerCaptioner(config)), looked)
            answers = {"logits": model(grid, words), **{f"attentions.{i}": t for i, t in enumerate(looked)}}
        weights = {f"weights.{name}": t for name, t in model.state_dict().items()}
        save(f"{out}/{variant}.safetensors", {**weights, "grid": grid, "words": words.float(), **answers})
    with open(f"{out}/variants.json", "w") as f:
        json.dump(VARIANTS, f, indent=1)


if __name__ == "__main__":
    main(os.path.join(sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__)), "captioner"))
