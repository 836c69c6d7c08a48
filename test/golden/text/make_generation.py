"""What Hugging Face's `generate` says for a small made-up model, for the tests of generation.

Run with pip's torch and transformers (made with 2.13 and 5.18):  python make_generation.py [OUT_DIR]

Searches, rules and warpers are transformers' own. Diverse beams have left it: groups are built as they were up to 4.49
(one flat table of beams, −10⁹ for all but the first beam of a group at the start, tokens as lists), less the padding of a
group that is done, which counts there as said by it; each is over when a search of 5.18 would be.

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
from transformers import GenerationConfig, GenerationMixin, PretrainedConfig, PreTrainedModel
from transformers.generation import (MinNewTokensLengthLogitsProcessor, NoRepeatNGramLogitsProcessor, RepetitionPenaltyLogitsProcessor,
                                     TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper)
from transformers.modeling_outputs import CausalLMOutput

VOCABULARY, START, END, MODULUS = 9, 0, 1, 1009
NAMES = {"beams": "num_beams", "returned": "num_return_sequences", "maxWords": "max_new_tokens", "minWords": "min_new_tokens",
         "lengthPenalty": "length_penalty", "earlyStopping": "early_stopping", "noRepeatNgram": "no_repeat_ngram_size",
         "repetitionPenalty": "repetition_penalty", "suppressed": "suppress_tokens"}


def logits_of(said, photo, seed):
    h = 0
    for token in said:
        h = (31 * h + token + 1) % MODULUS
    return [3 * math.sin(0.37 * h + 2.1 * t + 1.3 * photo + seed) for t in range(VOCABULARY)]


# ---- by transformers ----

class MadeUp(PreTrainedModel, GenerationMixin):
    config_class = PretrainedConfig

    def __init__(self, seed):
        super().__init__(PretrainedConfig(vocab_size=VOCABULARY))
        self.seed, self.nothing = seed, torch.nn.Parameter(torch.zeros(1))
        self.post_init()

    def prepare_inputs_for_generation(self, input_ids, photo=None, **_):
        return {"input_ids": input_ids, "photo": photo}

    def forward(self, input_ids, photo=None, **_):
        rows = [logits_of(said, of, self.seed) for said, of in zip(input_ids.tolist(), photo.tolist())]
        return CausalLMOutput(logits=torch.tensor(rows, dtype=torch.float32)[:, None])


def generated(photos, seed, o):
    config = GenerationConfig(**{NAMES[name]: value for name, value in o.items()}, do_sample=False, use_cache=False, bos_token_id=START,
                              eos_token_id=END, pad_token_id=END, return_dict_in_generate=True, output_scores=True)
    said = MadeUp(seed).generate(torch.full((photos, 1), START), generation_config=config, photo=torch.arange(photos))
    results = []
    for row, score in zip(said.sequences[:, 1:].tolist(), said.sequences_scores.tolist()):
        ended = END in row
        results.append({"tokens": row[:row.index(END)] if ended else row, "ended": ended, "score": score})
    return [results[photo * o["returned"]:(photo + 1) * o["returned"]] for photo in range(photos)]


def repetition_penalty(scores, said, penalty):
    return RepetitionPenaltyLogitsProcessor(penalty)(torch.tensor([said]), torch.tensor(scores)[None])[0].numpy()


def no_repeat_ngram(scores, said, size):
    return NoRepeatNGramLogitsProcessor(size)(torch.tensor([said]), torch.tensor(scores)[None])[0].numpy()


def warp(logits, temperature, k, p):
    scores = torch.tensor([logits], dtype=torch.float64)
    warpers = [TemperatureLogitsWarper(float(temperature)), *([TopKLogitsWarper(k)] if k else []), *([TopPLogitsWarper(p)] if p < 1 else [])]
    for warper in warpers:
        scores = warper(None, scores)
    return scores[0].softmax(-1).tolist()


# ---- diverse beams ----

def process(scores, said, o):
    ids, scores = torch.tensor([said]), torch.from_numpy(scores)[None]
    if "repetitionPenalty" in o:
        scores = RepetitionPenaltyLogitsProcessor(float(o["repetitionPenalty"]))(ids, scores)
    if "noRepeatNgram" in o:
        scores = NoRepeatNGramLogitsProcessor(o["noRepeatNgram"])(ids, scores)
    if "minWords" in o:
        scores = MinNewTokensLengthLogitsProcessor(1, o["minWords"], END)(ids, scores)
    return scores[0].numpy()


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
        return len(self.kept) == self.width and self.worst >= best / generated ** self.o.get("lengthPenalty", 1)


def diverse_beams(photo, seed, o):
    groups = o["groups"]
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
                scores = torch.tensor(np.float32(logits_of(said[first + i], photo, seed)), dtype=torch.float64).log_softmax(-1).numpy()
                used = np.bincount([t for t in current[:first] if t is not None], minlength=VOCABULARY)
                flat.append(process(scores - o["diversityPenalty"] * used, said[first + i], o) + totals[g, i])
            flat = np.concatenate(flat)
            last = len(said[first]) == o["maxWords"]
            order = np.argsort(-flat, kind="stable")[:width if last else 2 * width]
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
            assert taken == width or last
            if last:
                for i in range(taken):
                    kept[g].add(following[first + i], totals[g, i], len(said[first]), False)
            done[g] = not last and kept[g].done(totals[g, 0], len(said[first]))
        said = [row or [] for row in following]  # none: there is no next step
    best = sorted([h for k in kept for h in k.kept], key=lambda h: h[0])[::-1]
    return [{"tokens": s[1:], "ended": e, "score": float(score)} for score, s, e in best[:o["returned"]]]


# ---- cases ----

def beam_cases(rng):
    variants = [{"lengthPenalty": float(p), "earlyStopping": e} for p in (0, 1, 2, -1) for e in (True, False, "never")]
    variants += [{"noRepeatNgram": 1}, {"noRepeatNgram": 2}, {"noRepeatNgram": 3}, {"repetitionPenalty": 1.8},
                 {"repetitionPenalty": 0.6}, {"minWords": 5}, {"suppressed": [3, 5]},
                 {"groups": 2, "diversityPenalty": 0.7}, {"groups": 4, "diversityPenalty": 2.5, "lengthPenalty": 0.5},
                 {"groups": 2, "diversityPenalty": 1, "noRepeatNgram": 2, "repetitionPenalty": 1.3, "minWords": 3}]
    for variant in variants:
        for beams in (4,) if "groups" in variant else (2, 3, 4, 5):
            o = {"beams": beams, "returned": beams, "maxWords": int(rng.integers(6, 14)), **variant}
            seed = round(float(rng.uniform(0, 6)), 3)
            results = [diverse_beams(photo, seed, o) for photo in range(2)] if "groups" in o else generated(2, seed, o)
            yield {"seed": seed, "photos": 2, "options": o, "results": results}


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
