"""BLEU, ROUGE-L, CIDEr-D and METEOR's exact-and-stem form of made-up captions, for the tests of the caption metrics.

Run with Debian's python3-numpy, python3-nltk 3.8:  /usr/bin/python3 make_captions.py [OUT_DIR]

Written from the published formulas (Papineni et al. 2002; Lin 2004; Vedantam et al. 2015; Denkowski and Lavie 2014) and the
choices of pycocoevalcap where those leave one: constants of 1e-15 and 1e-9 in BLEU, the closest reference length, β = 1.2,
σ = 6, documents counted among the references of the set. nltk has its own BLEU, which must agree, and its own Porter stemmer;
while the longest common subsequence and METEOR's alignment are found by trying all.

captions.json
    sets       captions [{candidate, references}] as sentences whose words stand between spaces; bleu [4]; for each caption
               rougeL, ciderD, meteor
    stems      words and their stems by nltk's Porter stemmer with its author's later changes
"""
import itertools, json, math, os, sys
import numpy as np
from nltk.stem.porter import PorterStemmer
from nltk.translate.bleu_score import corpus_bleu, closest_ref_length

PORTER = PorterStemmer(mode=PorterStemmer.MARTIN_EXTENSIONS)
WORDS = ("a the dog dogs man men runs running run jumps jumping over on grass ball balls red white black in of with and "
         "playing plays play child children water beach two").split()
STEMMED = ("caresses ponies ties caress cats feed agreed plastered bled motoring sing conflated troubled sized hopping tanned "
           "falling hissing fizzed failing filing happy sky relational conditional rational digitizer radically "
           "vietnamization predication operator feudalism decisiveness hopefulness callousness formality sensitivity "
           "triplicate formative formalize electricity electrical hopeful goodness revival allowance inference airliner "
           "adjustable defensible irritant replacement adjustment dependent adoption communism activate homologous "
           "effective bowdlerize probate rate cease controlling rolling wearing skateboarder skateboarding snowy wooden "
           "jumping leaping climbs children people riding bicycles is as by y ski skiing dying lies").split()


def grams(words, n):
    counts = {}
    for i in range(len(words) - n + 1):
        counts[tuple(words[i:i + n])] = counts.get(tuple(words[i:i + n]), 0) + 1
    return counts


def bleu(captions):
    values = []
    for order in (1, 2, 3, 4):
        logs = 0
        for n in range(1, order + 1):
            right = sum(min(c, max(grams(r, n).get(g, 0) for r in refs)) for cand, refs in captions for g, c in grams(cand, n).items())
            said = sum(max(0, len(cand) - n + 1) for cand, _ in captions)
            logs += math.log((right + 1e-15) / (said + 1e-9))
        length = sum(len(cand) for cand, _ in captions)
        wanted = sum(min((abs(len(r) - len(cand)), len(r)) for r in refs)[1] for cand, refs in captions)
        ratio = (length + 1e-15) / (wanted + 1e-9)
        values.append(math.exp(logs / order) * (math.exp(1 - 1 / ratio) if ratio < 1 else 1))
    return values


def check_bleu(captions, values):
    if min(len(cand) for cand, _ in captions) < 4:
        return  # nltk counts a run of 4 in a shorter sentence too
    for order in (1, 2, 3, 4):
        with_nltk = corpus_bleu([refs for _, refs in captions], [cand for cand, _ in captions], weights=[1 / order] * order)
        # where nothing is right, nltk says 0 and pycocoevalcap does not
        assert with_nltk < 1e-6 or abs(with_nltk - values[order - 1]) < 1e-6, (order, with_nltk, values)
    for cand, refs in captions:
        assert closest_ref_length(refs, len(cand)) == min((abs(len(r) - len(cand)), len(r)) for r in refs)[1]


def is_subsequence(words, of):
    left = iter(of)
    return all(word in left for word in words)


def rouge(cand, refs):
    longest = []
    for ref in refs:
        sizes = [len(c) for n in range(len(cand) + 1) for c in itertools.combinations(cand, n) if is_subsequence(c, ref)]
        longest.append(max(sizes))
    precision = max(l / len(cand) for l in longest) if cand else 0
    recall = max(l / len(r) if r else 0 for l, r in zip(longest, refs))
    return 0.0 if precision == 0 or recall == 0 else (1 + 1.44) * precision * recall / (recall + 1.44 * precision)


def cider(captions):
    every = sorted({g for cand, refs in captions for s in [cand, *refs] for n in (1, 2, 3, 4) for g in grams(s, n)})
    frequency = np.array([sum(any(g in grams(r, len(g)) for r in refs) for _, refs in captions) for g in every])
    idf = np.log(len(captions)) - np.log(np.maximum(1, frequency))
    orders = np.array([len(g) for g in every])
    vector = lambda s: np.array([grams(s, len(g)).get(g, 0) for g in every]) * idf
    scores = []
    for cand, refs in captions:
        total = 0
        for ref in refs:
            a, b = vector(cand), vector(ref)
            penalty = math.exp(-(len(cand) - len(ref)) ** 2 / (2 * 6.0 ** 2))
            for n in (1, 2, 3, 4):
                x, y = a[orders == n], b[orders == n]
                below = np.linalg.norm(x) * np.linalg.norm(y)
                total += penalty * (np.minimum(x, y) @ y) / below / 4 if below > 0 else 0
        scores.append(10 * total / len(refs))
    return scores


def meteor_one(cand, ref):
    """Every alignment is tried."""
    stems_a, stems_b = [PORTER.stem(w) for w in cand], [PORTER.stem(w) for w in ref]
    best = (0, 0, 0.0)
    def grow(i, used, last, pairs, chunks, weight):
        nonlocal best
        if i == len(cand):
            best = max(best, (pairs, -chunks, weight))
            return
        grow(i + 1, used, None, pairs, chunks, weight)
        for j in range(len(ref)):
            if j not in used and (cand[i] == ref[j] or stems_a[i] == stems_b[j]):
                grow(i + 1, used | {j}, j, pairs + 1, chunks + (last is None or last + 1 != j), weight + (1 if cand[i] == ref[j] else 0.6))
    grow(0, frozenset(), None, 0, 0, 0.0)
    pairs, chunks, weight = best[0], -best[1], best[2]
    if pairs == 0:
        return 0.0
    p, r = weight / len(cand), weight / len(ref)
    f = p * r / (0.85 * p + 0.15 * r)
    fragments = 0 if chunks == 1 and pairs == len(cand) == len(ref) else chunks / pairs
    return f * (1 - 0.6 * fragments ** 0.2)


def main(out):
    rng = np.random.default_rng(11)
    sentence = lambda low, high: [WORDS[int(i)] for i in rng.integers(0, len(WORDS), int(rng.integers(low, high)))]
    sets = []
    for pictures, references in [(1, 1), (2, 3), (5, 5), (12, 5), (3, 2)]:
        captions = []
        for at in range(pictures):
            refs = [sentence(4, 11) for _ in range(references)]
            near = list(refs[int(rng.integers(references))])
            for _ in range(int(rng.integers(0, 4))):
                near[int(rng.integers(len(near)))] = WORDS[int(rng.integers(len(WORDS)))]
            cut = int(rng.integers(0, 3))
            captions.append((near[cut:] + (["the"] if at % 3 == 1 else []), refs))
        if pictures == 12:
            captions[3] = ([], captions[3][1])
            captions[4] = (["zebra"], captions[4][1])
        values = bleu(captions)
        check_bleu(captions, values)
        sets.append({"captions": [{"candidate": " ".join(c), "references": [" ".join(r) for r in refs]} for c, refs in captions],
                     "bleu": values, "rougeL": [rouge(c, refs) for c, refs in captions], "ciderD": cider(captions),
                     "meteor": [max(meteor_one(c, r) for r in refs) for c, refs in captions]})
    golden = {"sets": sets, "stems": [[w, PORTER.stem(w)] for w in STEMMED]}
    with open(os.path.join(out, "captions.json"), "w") as file:
        json.dump(golden, file, separators=(",", ":"))
        file.write("\n")


main(sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__)))
