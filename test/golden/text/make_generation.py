"""What Hugging Face's `generate` says for a small made-up model, for the tests of generation.

Run with Debian's python3-numpy, python3-torch 1.13:  /usr/bin/python3 make_generation.py [OUT_DIR]

transformers itself is not at hand: this follows its documented behaviour (4.36 to 4.49: `BeamSearchScorer`,
`BeamHypotheses`, the logits processors and warpers of `generation/logits_process.py`) the way it is built there: one flat
table of beams, −10⁹ for all but the first beam of a group at the start, tokens as lists. One thing is left out: the
padding of a group that is done is not counted as said by it.

generation.json
    model      vocabulary, start, end, modulus; a row keeps h = (31 h + token + 1) mod modulus, 0 before the first token;
               its logit for a token is float32(3 sin(0.37 h + 2.1 token + 1.3 photo + seed))
    beams      seed, photos, options (our names), results[photo][i]: tokens without the end, ended, score
    rules      logits, said, penalty, size, and what the repetition penalty and the n-gram rule make of them
    warped     logits, temperature, topK, topP, probabilities
"""
import json, math, os, sys
import numpy as np
import torch

VOCABULARY, START, END, MODULUS = 9, 0, 1, 1009
BANNED = float("-inf")


def logits_of(said, photo, seed):
    h = 0
    for token in said:
        h = (31 * h + token + 1) % MODULUS
    return np.array([np.float32(3 * math.sin(0.37 * h + 2.1 * t + 1.3 * photo + seed)) for t in range(VOCABULARY)], np.float64)


def log_softmax(x):
    x = x - x.max()
    return x - math.log(np.exp(x).sum())


def repetition_penalty(scores, said, penalty):
    index = torch.tensor(said)
    table = torch.tensor(scores)
    found = torch.gather(table, 0, index)
    found = torch.where(found < 0, found * penalty, found / penalty)
    return table.scatter(0, index, found).numpy()


def no_repeat_ngram(scores, said, size):
    scores = scores.copy()
    if len(said) + 1 < size:
        return scores
    follows = {}
    for ngram in zip(*[said[i:] for i in range(size)]):
        follows.setdefault(tuple(ngram[:-1]), []).append(ngram[-1])
    for token in follows.get(tuple(said[len(said) + 1 - size:]), []):
        scores[token] = BANNED
    return scores


def process(scores, said, o):
    if o.get("repetitionPenalty", 1) != 1:
        scores = repetition_penalty(scores, said, o["repetitionPenalty"])
    if o.get("noRepeatNgram", 0):
        scores = no_repeat_ngram(scores, said, o["noRepeatNgram"])
    scores = scores.copy()
    if len(said) - 1 < o.get("minWords", 0):
        scores[END] = BANNED
    for token in o.get("suppressed", []):
        scores[token] = BANNED
    return scores


class Hypotheses:
    def __init__(self, width, o):
        self.width, self.o, self.kept, self.worst = width, o, [], 1e9

    def add(self, said, total, generated, ended):
        score = total / generated ** self.o.get("lengthPenalty", 1)
        if len(self.kept) < self.width or score > self.worst:
            self.kept.append((score, said, ended))
            if len(self.kept) > self.width:
                order = sorted((s, i) for i, (s, _, _) in enumerate(self.kept))
                del self.kept[order[0][1]]
                self.worst = order[1][0]
            else:
                self.worst = min(score, self.worst)

    def done(self, best, generated):
        early = self.o.get("earlyStopping", False)
        penalty = self.o.get("lengthPenalty", 1)
        if len(self.kept) < self.width:
            return False
        if early is True:
            return True
        length = self.o["maxWords"] if early == "never" and penalty > 0 else generated
        return self.worst >= best / length ** penalty


def beam_search(photo, seed, o):
    groups = o.get("groups", 1)
    width = o["beams"] // groups
    said = [[START] for _ in range(o["beams"])]
    totals = np.full((groups, width), -1e9)
    totals[:, 0] = 0
    kept = [Hypotheses(width, o) for _ in range(groups)]
    done = [False] * groups
    while len(said[0]) - 1 < o["maxWords"] and not all(done):
        current, following = [None] * o["beams"], [None] * o["beams"]
        for g in range(groups):
            first = g * width
            if done[g]:
                for i in range(width):
                    following[first + i] = said[first + i] + [END]
                continue
            flat = []
            for i in range(width):
                scores = log_softmax(logits_of(said[first + i], photo, seed))
                used = np.bincount([t for t in current[:first] if t is not None], minlength=VOCABULARY)
                scores = scores - o.get("diversityPenalty", 0) * used
                flat.append(process(scores, said[first + i], o) + totals[g, i])
            flat = np.concatenate(flat)
            order = np.argsort(-flat, kind="stable")[:2 * width]
            taken = 0
            for rank, at in enumerate(order):
                i, token = divmod(int(at), VOCABULARY)
                if token == END:
                    if rank < width:
                        kept[g].add(said[first + i], flat[at], len(said[first + i]), True)
                else:
                    following[first + taken] = said[first + i] + [token]
                    current[first + taken] = token
                    totals[g, taken] = flat[at]
                    taken += 1
                if taken == width:
                    break
            assert taken == width
            done[g] = kept[g].done(flat[order[0]], len(said[first]))
        said = following
    for g in range(groups):
        if not done[g]:
            for i in range(width):
                kept[g].add(said[g * width + i], totals[g, i], len(said[g * width + i]) - 1, False)
    best = sorted([h for k in kept for h in k.kept], key=lambda h: h[0])[::-1]
    return [{"tokens": s[1:], "ended": e, "score": float(score)} for score, s, e in best[:o["returned"]]]


def beam_cases(rng):
    variants = [{"lengthPenalty": p, "earlyStopping": e} for p in (0, 1, 2, -1) for e in (True, False, "never")]
    variants += [{"noRepeatNgram": 1}, {"noRepeatNgram": 2}, {"noRepeatNgram": 3}, {"repetitionPenalty": 1.8},
                 {"repetitionPenalty": 0.6}, {"minWords": 5}, {"suppressed": [3, 5]},
                 {"groups": 2, "diversityPenalty": 0.7}, {"groups": 4, "diversityPenalty": 2.5, "lengthPenalty": 0.5},
                 {"groups": 2, "diversityPenalty": 1, "noRepeatNgram": 2, "repetitionPenalty": 1.3, "minWords": 3}]
    for number, variant in enumerate(variants):
        for beams in (4,) if "groups" in variant else (2, 3, 4):
            o = {"beams": beams, "returned": beams, "maxWords": int(rng.integers(6, 11)), **variant}
            seed = round(float(rng.uniform(0, 6)), 3)
            yield {"seed": seed, "photos": 2, "options": o, "results": [beam_search(p, seed, o) for p in range(2)]}


def warp(logits, temperature, k, p):
    """TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper, then softmax."""
    scores = torch.tensor(logits, dtype=torch.float64) / temperature
    if k:
        scores = scores.masked_fill(scores < torch.topk(scores, min(k, len(logits)))[0][-1], BANNED)
    if p < 1:
        ascending, index = torch.sort(scores, descending=False)
        remove = ascending.softmax(-1).cumsum(-1) <= 1 - p
        remove[-1:] = False
        scores = scores.masked_fill(remove.scatter(0, index, remove), BANNED)
    return scores.softmax(-1).tolist()


def main(out):
    rng = np.random.default_rng(5)
    rules, warped = [], []
    for size in (1, 2, 3, 4, 2, 3):
        logits = np.round(rng.normal(0, 2, 5), 4)
        said = rng.integers(0, 3, int(rng.integers(1, 14))).tolist()
        penalty = round(float(rng.uniform(0.5, 2)), 3)
        rules.append({"logits": logits.tolist(), "said": said, "penalty": penalty, "size": size,
                      "penalised": repetition_penalty(logits, said, penalty).tolist(),
                      "banned": np.flatnonzero(np.isinf(no_repeat_ngram(logits, said, size))).tolist()})
    for temperature, k, p in [(1, 0, 1), (0.5, 0, 1), (2, 3, 1), (1, 1, 1), (1, 50, 1), (1, 0, 0.9), (1, 0, 0.3),
                              (0.7, 5, 0.8), (1.5, 8, 0.95), (1, 0, 0.01)]:
        logits = np.round(rng.normal(0, 2, 12), 4).tolist()
        warped.append({"logits": logits, "temperature": temperature, "topK": k, "topP": p,
                       "probabilities": warp(logits, temperature, k, p)})
    golden = {"model": {"vocabulary": VOCABULARY, "start": START, "end": END, "modulus": MODULUS},
              "beams": list(beam_cases(rng)), "rules": rules, "warped": warped}
    with open(os.path.join(out, "generation.json"), "w") as file:
        json.dump(golden, file, separators=(",", ":"))
        file.write("\n")


main(sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__)))
