"""What PyTorch makes of learning captions, for the tests of the TypeScript trainer.

Run with Debian's python3-torch, behind make_captioner.py:  /usr/bin/python3 make_caption_training.py [OUT_DIR]
reads OUT_DIR/captioner/VARIANT.safetensors for weights and grid [B, L, C], writes OUT_DIR/caption-training/:

VARIANT.safetensors   captions [B, T], padded with -1, without start and end
                      losses [2], gradients.NAME of the first update, after.NAME behind two: label smoothing, doubly
                      stochastic attention, gradients clipped, momentum (Adam would make
                      steps of the rounding in biases that a softmax takes no notice of)
                      of the first picture of grid, every sentence of at most 2 tokens out of end, 5 and 6:
                      sentences [7, 2], padded with -1; log_probabilities [7]; words.NAME [7, …], gradients of those
"""
import os, struct, json, sys
import numpy as np
import torch
import torch.nn.functional as F
from make_attention_cnn import save
from make_captioner import VARIANTS, RecurrentCaptioner

START, END, SAID = 1, 2, (2, 5, 6)
SMOOTHING, LOOK, CLIP, RATE, MOMENTUM = 0.1, 0.7, 0.5, 0.1, 0.9
CAPTIONS = [[4, 7, 9, 3, 11], [12, 5]]
SENTENCES = [[END], [5, END], [6, END], [5, 5], [5, 6], [6, 5], [6, 6]]


def load(path):
    data = open(path, "rb").read()
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + size])
    header.pop("__metadata__", None)
    array = lambda t: np.frombuffer(data, np.float32, int(np.prod(t["shape"])), 8 + size + t["data_offsets"][0])
    return {name: torch.tensor(array(t).reshape(t["shape"])) for name, t in header.items()}


def padded(rows):
    longest = max(map(len, rows))
    return torch.tensor([row + [-1] * (longest - len(row)) for row in rows])


def loss_of(model, grid):
    wanted = padded([[*caption, END] for caption in CAPTIONS])
    given = padded([[START, *caption] for caption in CAPTIONS]).clamp(min=0)
    logits, alphas = model(grid, given)
    said = F.cross_entropy(logits.flatten(0, 1), wanted.flatten(), ignore_index=-1, label_smoothing=SMOOTHING)
    looked = (alphas * (wanted >= 0)[..., None]).sum(1)
    return said + LOOK * ((1 - looked) ** 2).mean()


def log_probability(model, grid, sentence):
    logits, _ = model(grid, torch.tensor([[START, *sentence[:-1]]]))
    allowed = torch.full((logits.shape[-1],), -1e9)
    allowed[list(SAID)] = 0
    return torch.log_softmax(logits[0] + allowed, -1).gather(1, torch.tensor(sentence)[:, None]).sum()


def named(part, values):
    return {f"{part}.{name}": value.detach().clone() for name, value in values}


def main(out):
    os.makedirs(f"{out}/caption-training", exist_ok=True)
    for variant in ("additive-deep", "dot-hidden"):
        golden = load(f"{out}/captioner/{variant}.safetensors")
        model, grid = RecurrentCaptioner(VARIANTS[variant]), golden["grid"]
        model.load_state_dict({name[8:]: t for name, t in golden.items() if name.startswith("weights.")})
        sayings, gradients = [], {name: [] for name, _ in model.named_parameters()}
        for sentence in SENTENCES:
            model.zero_grad()
            sayings.append(log_probability(model, grid[:1], sentence))
            sayings[-1].backward()
            for name, p in model.named_parameters():
                gradients[name].append(torch.zeros_like(p) if p.grad is None else p.grad.clone())
        written = {"captions": padded(CAPTIONS).float(), "sentences": padded(SENTENCES).float(),
                   "log_probabilities": torch.stack(sayings).detach(),
                   **named("words", [(name, torch.stack(all_)) for name, all_ in gradients.items()])}
        optimiser = torch.optim.SGD(model.parameters(), RATE, MOMENTUM)
        losses = []
        for update in range(2):
            optimiser.zero_grad()
            loss = loss_of(model, grid)
            loss.backward()
            if update == 0:
                written.update(named("gradients", [(name, p.grad) for name, p in model.named_parameters()]))
            torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP)
            optimiser.step()
            losses.append(loss.detach())
        save(f"{out}/caption-training/{variant}.safetensors",
             {**written, "losses": torch.stack(losses), **named("after", model.named_parameters())})


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__)))
