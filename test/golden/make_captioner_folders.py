"""Whole captioners as model folders, and what PyTorch writes about two pictures with them.

Run with Debian's python3-torch and python3-torchvision:  /usr/bin/python3 make_captioner_folders.py [OUT_DIR]
writes OUT_DIR/captioner-folders/. Weights and pictures are random (fixed seed). B pictures, L places, C width of the
features, T words. The words that stand for no text (<pad>, <start>, <unk>) are never written.

recurrent/      an attention CNN, its last map averaged 4 x 4, before a `RecurrentCaptioner`; the encoder brings its head
transformer/    torchvision's ViT under Hugging Face names, its patches averaged 2 x 2, before a `TransformerCaptioner`
  config.json, preprocessor_config.json, model.safetensors, vocabulary.json
  expected.safetensors   pictures [B, height, width, 3] (0 to 255); features [B, L, C]; alphas.b [T, L]: where the model
                         looked for each word of the greedy sentence about picture b
  expected.json          greedy: token ids, at most 8, <end> left out; best: of all sentences of at most 3 tokens, <end>
                         counted, the one of the highest mean log-probability, by brute force; best_score: that mean
"""
import json, os, sys
import torch
import torch.nn.functional as F
from torchvision.models.vision_transformer import VisionTransformer
import make_attention_cnn as cnn
import make_captioner as captioner
from make_golden import hf_config, hf_names, preprocessor, randomised

PAD, START, END, UNKNOWN = range(4)
WORDS = ["<pad>", "<start>", "<end>", "<unk>", "a", "dog", "'s", "cat", "runs", "on", "grass", "two", "red", "balls", "sleeping"]
SILENT = [PAD, START, UNKNOWN]
MOST = 8

CNN = {"model_type": "attention-cnn", "architectures": ["AttentionCnnForImageClassification"], "image_size": [24, 32], "num_channels": 3,
       "stem_channels": 4, "stem_stride": 1, "stage_channels": [6, 10], "stage_blocks": [1, 1], "stage_strides": [2, 1],
       "hidden_act": "relu", "batch_norm_eps": 1e-5, "attention": {"after_stage": 0, "inner_channels": 3, "scaled": True},
       "id2label": {"0": "dog", "1": "cat"}}


def averaged(features, size):
    """[B, C, H, W] → [B, H/size · W/size, C]"""
    return F.avg_pool2d(features, size).flatten(2).transpose(1, 2)


def step(model, grid, words):
    """Log-probabilities [V] of what follows `words`, and where the model looked for each of them [T, L]."""
    given = torch.tensor([[START, *words]])
    if isinstance(model, captioner.RecurrentCaptioner):
        logits, alphas = model(grid, given)
        return F.log_softmax(logits[0, -1], -1), alphas[0]
    model.looked.clear()
    logits = model(grid, given)
    return F.log_softmax(logits[0, -1], -1), torch.stack(model.looked).mean((0, 2))[0]


def greedy(model, grid):
    words = []
    while True:
        scores, looked = step(model, grid, words)
        scores[SILENT] = float("-inf")
        word = int(scores.argmax())
        if word == END or len(words) == MOST:
            return words, looked[: len(words)]
        words.append(word)


def best(model, grid, most=3):
    """Of all sentences of at most `most` tokens, the end counted, the likeliest by its mean."""
    said = [([], 0.0)]
    ended = []
    for _ in range(most):
        longer = []
        for words, total in said:
            scores = step(model, grid, words)[0]
            ended.append((words, (total + float(scores[END])) / (len(words) + 1)))
            longer += [([*words, w], total + float(scores[w])) for w in range(len(WORDS)) if w not in (*SILENT, END)]
        said = longer
    return max([*ended, *((words, total / most) for words, total in said)], key=lambda sentence: sentence[1])


def write(out, config, weights, recipe, model, pictures, features):
    os.makedirs(out, exist_ok=True)
    sentences = [greedy(model, grid[None]) for grid in features]
    bests = [best(model, grid[None]) for grid in features]
    files = {"config.json": config, "preprocessor_config.json": recipe, "vocabulary.json": {"words": WORDS},
             "expected.json": {"greedy": [words for words, _ in sentences], "best": [words for words, _ in bests],
                               "best_score": [score for _, score in bests]}}
    for name, value in files.items():
        with open(f"{out}/{name}", "w") as f:
            json.dump(value, f, indent=1)
    cnn.save(f"{out}/model.safetensors", weights)
    looked = {f"alphas.{b}": alphas for b, (_, alphas) in enumerate(sentences)}
    cnn.save(f"{out}/expected.safetensors", {"pictures": pictures, "features": features, **looked})
    print(out, files["expected.json"])


def photos(height, width):
    """Smooth, so that places differ and pictures do."""
    coarse = 255 * torch.rand(2, 3, 3, 4)
    return F.interpolate(coarse, (height, width), mode="bicubic").clamp(0, 255).round().permute(0, 2, 3, 1).contiguous()


def normalised(pictures):
    return ((pictures / 255 - 0.5) / 0.5).permute(0, 3, 1, 2)


def recurrent(out):
    encoder = cnn.randomised(cnn.AttentionCnn(CNN))
    config = {**captioner.RECURRENT, "vocab_size": len(WORDS)}
    model = captioner.randomised(captioner.RecurrentCaptioner(config))
    for name in ("output_context", "output_hidden", "gate", "encoder_attention"):
        getattr(model, name).weight *= 3  # so that what it says depends on the picture
    pictures = photos(24, 32)
    features = averaged(encoder.passed_through(normalised(pictures))["features"], 4)
    weights = {**{f"encoder.{name}": t for name, t in cnn.state(encoder).items()},
               **{f"decoder.{name}": t for name, t in model.state_dict().items()}}
    decoder = {"vocab_size": len(WORDS), **{key: config[key] for key in (
        "feature_size", "embedding_size", "hidden_size", "alignment_size", "alignment", "output")}}
    config = {"architectures": ["RecurrentCaptioner"], "model_type": "recurrent-captioner", "encoder": CNN, "decoder": decoder,
              "feature_pooling": 4}
    recipe = {**preprocessor(0), "size": {"height": 24, "width": 32}}
    write(out, config, weights, recipe, model, pictures, features)


def transformer(out):
    vit = randomised(VisionTransformer(32, 8, 2, 2, 16, 24, num_classes=3, norm_layer=lambda d: torch.nn.LayerNorm(d, 1e-6)))
    config = {**captioner.VARIANTS["pre-untied-learned"], "vocab_size": len(WORDS)}
    looked = []
    model = captioner.watched(captioner.randomised(captioner.TransformerCaptioner(config)), looked)
    model.looked = looked
    pictures = photos(32, 32)
    tokens = vit._process_input(normalised(pictures))
    tokens = vit.encoder(torch.cat([vit.class_token.expand(2, -1, -1), tokens], 1))
    features = averaged(tokens[:, 1:].transpose(1, 2).unflatten(2, (4, 4)), 2)
    encoder = {name.removeprefix("vit."): t for name, t in hf_names(vit.state_dict(), 2).items() if name.startswith("vit.")}
    weights = {**{f"encoder.{name}": t for name, t in encoder.items()},
               **{f"decoder.{name}": t for name, t in model.state_dict().items()}}
    config = {
        "architectures": ["TransformerCaptioner"], "model_type": "transformer-captioner",
        "encoder": {**hf_config(32, 8, 16, 2, 2, 24, 3), "architectures": ["ViTModel"]},
        "decoder": {"vocab_size": len(WORDS), "feature_size": 16, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 24,
                    "hidden_act": "gelu", "layer_norm_eps": 1e-5, "norm_order": "pre", "positions": "learned", "max_positions": 12,
                    "tie_word_embeddings": False},
        "feature_pooling": 2,
    }
    write(out, config, weights, preprocessor(32), model, pictures, features)


@torch.no_grad()
def main(out):
    torch.manual_seed(13)
    recurrent(f"{out}/recurrent")
    torch.manual_seed(27)
    transformer(f"{out}/transformer")


if __name__ == "__main__":
    main(os.path.join(sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__)), "captioner-folders"))
