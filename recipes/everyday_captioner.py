"""Trains the captioner of public/models/everyday-captioner on Flickr8k, on CPU cores alone, in three steps.

    python3 everyday_captioner.py words    --data DIR --cnn DIR --output DIR [--passes N]
    python3 everyday_captioner.py features --data DIR --cnn DIR --output DIR
    python3 everyday_captioner.py train    --data DIR --cnn DIR --output DIR [--passes N] [--rewarded N]
words     goes on from the attention CNN in --cnn and teaches it which words people say of a picture; → encoder.pt after
          every pass that makes it better, so that it can be stopped
features  keeps the grid of every picture, and of it mirrored; → features.npy
train     the recurrent decoder (Xu et al. 2015) by cross-entropy with scheduled sampling (Bengio et al. 2015), then by
          the reward of its own sentences, CIDEr-D (Rennie et al. 2017); goes on from decoder.pt; → export/, a model folder
--data    holds flickr8k/: images/, Flickr8k.token.txt, Flickr_8k.trainImages.txt, Flickr_8k.devImages.txt.
Weights are chosen by 500 of the training pictures, which nothing learns from; the development split is only measured,
at the end. Needs PyTorch, NumPy and Pillow.
"""
import argparse, json, math, time
from collections import Counter
from pathlib import Path
import numpy as np
import torch, torch.nn.functional as F
from caption_scores import CiderD, bleu
from caption_words import POOL, SIDE, encoder_config, flickr, keep_features, model_on, teach_words, tensors_of, words_of
from make_captioner import RecurrentCaptioner
from model_files import keep, preprocessor, write_model

PAD, START, END, UNKNOWN = range(4)
SIZES = {"feature_size": 256, "embedding_size": 256, "hidden_size": 384, "alignment_size": 256,
         "alignment": "dot", "output": "deep"}

class Writer(RecurrentCaptioner):
    """The captioner with what training needs: dropout, a state to go on from, and its own words as input."""

    def start(self, grid):
        mean = grid.mean(1)
        return grid, self.encoder_attention(grid), self.init_h(mean), self.init_c(mean)

    def step(self, state, word, drop=0.0):
        """word [B] → logits [B, V], alpha [B, L], state"""
        grid, keys, h, c = state
        word = F.dropout(self.embedding(word), drop, drop > 0)
        scores = torch.bmm(keys, self.decoder_attention(h)[..., None])[..., 0] / math.sqrt(keys.shape[-1])
        alpha = torch.softmax(scores, -1)
        context = torch.sigmoid(self.gate(h)) * torch.bmm(alpha[:, None], grid)[:, 0]
        h, c = self.cell(torch.cat([word, context], -1), (h, c))
        read = word + self.output_hidden(F.dropout(h, drop, drop > 0)) + self.output_context(context)
        return self.output(F.dropout(read, drop, drop > 0)), alpha, (grid, keys, h, c)

    def teach(self, grid, words, own, drop, g):
        """words [B, T + 1] from START on → logits [B, T, V], alphas [B, T, L]; a share `own` of the inputs is sampled"""
        state, word, logits, alphas = self.start(grid), words[:, 0], [], []
        for t in range(words.shape[1] - 1):
            if t > 0:
                word = words[:, t]
                if own > 0:
                    said = torch.multinomial(torch.softmax(logits[-1].detach(), -1), 1, generator=g)[:, 0]
                    word = torch.where((torch.rand(len(word), generator=g) < own) & (word != PAD), said, word)
            out, alpha, state = self.step(state, word, drop)
            logits.append(out)
            alphas.append(alpha)
        return torch.stack(logits, 1), torch.stack(alphas, 1)

    @torch.no_grad()
    def draw(self, grid, most, g):
        """One sampled sentence each, [B, most + 1] from START on, PAD behind its END."""
        state, words = self.start(grid), [torch.full((len(grid),), START)]
        over = torch.zeros(len(grid), dtype=torch.bool)
        for _ in range(most):
            logits, _, state = self.step(state, words[-1])
            logits[:, [PAD, START, UNKNOWN]] = -1e9
            word = torch.multinomial(torch.softmax(logits, -1), 1, generator=g)[:, 0]
            words.append(torch.where(over, torch.tensor(PAD), word))
            over = over | (word == END)
            if over.all():
                break
        return torch.stack(words, 1)

    @torch.no_grad()
    def search(self, grid, beams, most=20):
        """Beam search over B pictures; → the best sentence of each by mean log-probability, END left out."""
        B = len(grid)
        state = self.start(grid.repeat_interleave(beams, 0))
        sums = torch.full((B, beams), -1e9)
        sums[:, 0] = 0
        words = torch.full((B * beams, 1), START)
        best = [(-1e9, [])] * B
        for t in range(1, most + 1):
            logits, _, state = self.step(state, words[:, -1])
            logits[:, [PAD, START, UNKNOWN]] = -1e9
            scores = sums.flatten()[:, None] + torch.log_softmax(logits, -1)
            V = scores.shape[1]
            top, index = scores.view(B, -1).topk(2 * beams)
            rows, chosen, sums = [], [], torch.full((B, beams), -1e9)
            for b in range(B):
                open_ = 0
                for rank in range(2 * beams):
                    row, token, score = b * beams + int(index[b, rank]) // V, int(index[b, rank]) % V, float(top[b, rank])
                    if token == END or t == most:
                        if rank < beams or t == most:
                            best[b] = max(best[b], (score / t, words[row, 1:].tolist() + ([] if token == END else [token])))
                    elif open_ < beams:
                        sums[b, open_] = score
                        rows.append(row)
                        chosen.append(token)
                        open_ += 1
                while t < most and open_ < beams:
                    rows.append(b * beams)
                    chosen.append(END)
                    open_ += 1
            if t == most:
                break
            rows = torch.tensor(rows)
            words = torch.cat([words[rows], torch.tensor(chosen)[:, None]], 1)
            state = tuple(part[rows] for part in state)
            if all(best[b][0] > float(sums[b].max()) / t for b in range(B)):
                break
        return [sentence for _, sentence in best]

def vocabulary_of(captions):
    """As worker/text/vocabulary.ts builds it: words said 5 times or more, the most frequent first."""
    counts = Counter(w for caption in captions for w in words_of(caption))
    kept = sorted((w for w in counts if counts[w] >= 5), key=lambda w: (-counts[w], w))
    return ["<pad>", "<start>", "<end>", "<unk>", *kept]

class Lesson:
    """Everything the decoder learns from."""

    def __init__(self, o):
        self.splits, raw, self.place, _ = flickr(o.data)
        self.words = {n: [words_of(c) for c in raw[n]] for n in raw}
        self.vocabulary = vocabulary_of(c for n in self.splits["train"] + self.splits["held-out"] for c in raw[n])
        self.ids = {w: i for i, w in enumerate(self.vocabulary)}
        self.features = torch.from_numpy(np.load(Path(o.output) / "features.npy", mmap_mode="c")[:2]).flatten(2, 3)  # [2, N, L, C], float16
        learnt = [self.place[n] for n in self.splits["train"]]
        self.scale = 1 / self.features[0, learnt[::5]].float().flatten(0, 1).std(0).clamp(min=1e-3)  # [C]
        self.pairs = [(n, k) for n in self.splits["train"] for k in range(len(self.words[n]))]

    def grid(self, names, views):
        rows = torch.tensor([self.place[n] for n in names])
        return self.features[torch.as_tensor(views), rows].float() * self.scale

    def tokens(self, sentences):
        """[B, T + 2]: START, words, END, PAD"""
        rows = [[START, *(self.ids.get(w, UNKNOWN) for w in words), END] for words in sentences]
        longest = max(map(len, rows))
        return torch.tensor([row + [PAD] * (longest - len(row)) for row in rows])

    def batches(self, size, g):
        """All pairs of picture and caption once, in batches of captions of about one length."""
        order = [self.pairs[i] for i in torch.randperm(len(self.pairs), generator=g).tolist()]
        length = lambda pair: len(self.words[pair[0]][pair[1]])
        sorted_ = [p for at in range(0, len(order), 20 * size) for p in sorted(order[at:at + 20 * size], key=length)]
        batches = [sorted_[at:at + size] for at in range(0, len(sorted_) - size + 1, size)]
        return [batches[i] for i in torch.randperm(len(batches), generator=g).tolist()]

    def judge(self, model, split, beams, cider):
        model.eval()
        names, sentences = self.splits[split], []
        for at in range(0, len(names), 100):
            some = names[at:at + 100]
            sentences += [[self.vocabulary[i] for i in s] for s in model.search(self.grid(some, [0] * len(some)), beams)]
        references = [self.words[n] for n in names]
        scores = bleu(sentences, references)
        mean = sum(cider.score(s, r) for s, r in zip(sentences, references)) / len(names)
        return {"bleu4": round(100 * scores[3], 2), "cider_d": round(mean, 4), "words": round(np.mean([len(s) for s in sentences]), 2)}

def train(o):
    lesson, output = Lesson(o), Path(o.output)
    torch.manual_seed(1)
    config = {"model_type": "recurrent-captioner", "vocab_size": len(lesson.vocabulary), **SIZES}
    model, average = Writer(config), Writer(config)
    state = {"pass": 0, "best": -1.0}
    optimiser = torch.optim.AdamW(model.parameters(), o.rate, weight_decay=1e-3)
    judged = {s: CiderD([lesson.words[n] for n in lesson.splits[s]]) for s in ("held-out", "dev")}
    rewarder = CiderD([[[*w, "<end>"] for w in lesson.words[n]] for n in lesson.splits["train"]])
    if (output / "decoder.pt").exists():
        kept = torch.load(output / "decoder.pt")
        state = kept["state"]
        model.load_state_dict(kept["model"])
        average.load_state_dict(kept["average"])
        optimiser.load_state_dict(kept["optimiser"])
    else:
        torch.nn.init.uniform_(model.embedding.weight, -0.1, 0.1)
        average.load_state_dict(model.state_dict())
    total = o.passes + o.rewarded
    while state["pass"] < total:
        began, number = time.time(), state["pass"]
        g = torch.Generator().manual_seed(100 + number)
        rewarded = number >= o.passes
        if number == o.passes and state["best"] >= 0 and not state.get("turned"):  # go on from the best of the first kind
            model.load_state_dict(torch.load(output / "best.pt"))
            average.load_state_dict(model.state_dict())
            optimiser = torch.optim.AdamW(model.parameters(), o.rate / 10, weight_decay=0)
            state["turned"] = True
        steps = by_reward(o, lesson, model, rewarder, g) if rewarded else by_example(o, lesson, model, number, g)
        losses = []
        for loss, done in steps:
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0 if not rewarded else 0.5)
            peak = o.rate / 10 if rewarded else o.rate
            place = (number - o.passes + done) / o.rewarded if rewarded else (number + done) / o.passes
            rate = peak * (0.1 + 0.9 * 0.5 * (1 + math.cos(math.pi * place))) * (1 if rewarded else min(1, 10 * place * o.passes / 3 + 0.02))
            for group in optimiser.param_groups:
                group["lr"] = rate
            optimiser.step()
            with torch.no_grad():
                for mean, now in zip(average.parameters(), model.parameters()):
                    mean.lerp_(now, 0.01)
            losses.append(float(loss))
        scores = lesson.judge(average, "held-out", 3, judged["held-out"])
        state["pass"] += 1
        line = {"pass": state["pass"], "loss": round(float(np.mean(losses)), 4), **scores, "seconds": round(time.time() - began)}
        print(json.dumps(line), flush=True)
        if scores["cider_d"] + scores["bleu4"] / 100 > state["best"]:
            state["best"] = scores["cider_d"] + scores["bleu4"] / 100
            keep(average.state_dict(), output / "best.pt")
        keep({"state": state, "model": model.state_dict(), "average": average.state_dict(),
              "optimiser": optimiser.state_dict()}, output / "decoder.pt")
    average.load_state_dict(torch.load(output / "best.pt"))
    export(o, lesson, average)
    for beams in (1, 3):
        print(json.dumps({"dev": lesson.judge(average, "dev", beams, judged["dev"]), "beams": beams}), flush=True)

def export(o, lesson, model):
    """A model folder; the features' scale, by which training saw them, goes into the weights that read them."""
    folder, c, scale = Path(o.output) / "export", encoder_config(o), lesson.scale
    decoder = {name: t.clone() for name, t in model.state_dict().items() if not name.startswith("full_attention")}
    for name in ("init_h", "init_c", "encoder_attention", "output_context"):
        decoder[f"{name}.weight"] *= scale
    decoder["cell.weight_ih"][:, SIZES["embedding_size"]:] *= scale
    encoder = tensors_of(model_on(torch.load(Path(o.output) / "encoder.pt"), c))
    tensors = {f"encoder.{name}": t for name, t in encoder.items() if not name.startswith("head.")}
    tensors.update({f"decoder.{name}": t for name, t in decoder.items()})
    shape = {key: value for key, value in c.items() if key not in ("architectures", "id2label", "label2id", "label_groups", "torch_dtype")}
    config = {"architectures": ["RecurrentCaptioner"], "model_type": "recurrent-captioner",
              "encoder": {**shape, "image_size": SIDE}, "feature_pooling": POOL,
              "decoder": {"vocab_size": len(lesson.vocabulary), **SIZES}, "torch_dtype": "float16"}
    write_model(folder, tensors, config, preprocessor(SIDE, "squash"))
    (folder / "vocabulary.json").write_text(json.dumps({"words": lesson.vocabulary}, ensure_ascii=False) + "\n")

def by_example(o, lesson, model, number, g):
    """Cross-entropy of given sentences, and attention that has looked everywhere in the end (Xu et al. 2015, eq. 14)."""
    own = max(0.0, min(0.25, 0.05 * (number - 2)))
    for step, pairs in enumerate(batches := lesson.batches(o.batch, g)):
        model.train()
        names = [n for n, _ in pairs]
        tokens = lesson.tokens([lesson.words[n][k][:20] for n, k in pairs])
        logits, alphas = model.teach(lesson.grid(names, torch.randint(0, 2, (len(names),), generator=g)), tokens, own, o.dropout, g)
        wanted = tokens[:, 1:]
        loss = F.cross_entropy(logits.flatten(0, 1), wanted.flatten(), ignore_index=PAD, label_smoothing=0.1)
        looked = (alphas * (wanted != PAD)[..., None]).sum(1)  # [B, L]
        yield loss + 0.3 * ((1 - looked) ** 2).mean(), step / len(batches)

def by_reward(o, lesson, model, rewarder, g):
    """Self-critical training: five sentences of each picture, each against the mean of the other four (Luo 2020)."""
    order = torch.randperm(len(lesson.splits["train"]), generator=g).tolist()
    pictures = o.batch // 5
    count = len(order) // pictures
    for step in range(count):
        names = [lesson.splits["train"][i] for i in order[step * pictures:][:pictures]]
        grid = lesson.grid(names, torch.randint(0, 2, (len(names),), generator=g)).repeat_interleave(5, 0)
        model.eval()
        tokens = model.draw(grid, 20, g)
        rewards = torch.empty(len(tokens))
        for i, row in enumerate(tokens.tolist()):
            words = [lesson.vocabulary[t] if t != END else "<end>" for t in row[1:] if t != PAD]
            rewards[i] = rewarder.score(words, [[*w, "<end>"] for w in lesson.words[names[i // 5]]])
        rewards = rewards.view(-1, 5)
        gain = (rewards - (rewards.sum(1, keepdim=True) - rewards) / 4).flatten()
        logits, _ = model.teach(grid, tokens, 0.0, 0.0, g)
        logits[..., [PAD, START, UNKNOWN]] = -1e9
        said = torch.log_softmax(logits, -1).gather(2, tokens[:, 1:, None])[..., 0]
        mask = (tokens[:, 1:] != PAD).float()
        yield -(gain[:, None] * said * mask).sum() / mask.sum(), step / count

def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    w, f, t = (commands.add_parser(name) for name in ("words", "features", "train"))
    for p in (w, f, t):
        p.add_argument("--data", required=True)
        p.add_argument("--output", required=True)
    for p in (w, f, t):
        p.add_argument("--cnn", required=True, help="folder of the attention CNN")
    for p, name, value, meaning in (
            (w, "passes", 8, "over the pictures"), (w, "side", 96, "pixels a side of the crops"), (w, "rate", 4e-4, "highest"),
            (t, "passes", 8, "over the captions"), (t, "rewarded", 0, "passes by reward after them"), (t, "rate", 1e-3, "highest"),
            (t, "batch", 100, "sentences a step"), (t, "dropout", 0.4, "of words and states")):
        p.add_argument("--" + name, type=type(value), default=value, help=f"{meaning} ({value})")
    w.add_argument("--bfloat16", action="store_true", help="convolutions in bfloat16 while it learns")
    return parser.parse_args()

if __name__ == "__main__":
    o = arguments()
    torch.set_num_threads(1)
    Path(o.output).mkdir(parents=True, exist_ok=True)
    {"words": teach_words, "features": keep_features, "train": train}[o.command](o)
