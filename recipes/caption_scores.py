"""How good captions are: CIDEr-D and BLEU of lists of words, for training and for choosing weights."""
import math
from collections import Counter

def ngrams(words):
    return Counter(tuple(words[i:i + n]) for n in range(1, 5) for i in range(len(words) - n + 1))

class CiderD:
    """Vedantam et al. 2015, the D variant; `references`: lists of captions, which also give the document frequencies."""

    def __init__(self, references):
        self.counts = Counter(gram for captions in references for gram in {g for w in captions for g in ngrams(w)})
        self.log_count = math.log(len(references))
        self.known = {}

    def vector(self, words):
        parts, norms = [{}, {}, {}, {}], [0.0] * 4
        for gram, count in ngrams(words).items():
            weight = count * (self.log_count - math.log(max(1, self.counts[gram])))
            parts[len(gram) - 1][gram] = weight
            norms[len(gram) - 1] += weight * weight
        return parts, [math.sqrt(n) for n in norms], max(0, len(words) - 1)  # the published code's length: of its bigrams

    def score(self, words, captions):
        """one sentence against the captions of its picture → 0…10"""
        (parts, norms, length), total = self.vector(words), 0.0
        for caption in captions:
            key = tuple(caption)
            if key not in self.known:
                self.known[key] = self.vector(caption)
            others, lengths, other = self.known[key]
            near = math.exp(-((length - other) ** 2) / 72)
            for part, norm, of, n in zip(parts, norms, others, lengths):
                if norm and n:
                    total += near * sum(min(v, of.get(k, 0.0)) * of.get(k, 0.0) for k, v in part.items()) / (norm * n)
        return 10 * total / 4 / len(captions)

def bleu(sentences, references):
    """corpus BLEU-1…4 (Papineni et al. 2002), closest reference length"""
    matched, said, length, closest = [0] * 4, [0] * 4, 0, 0
    for words, captions in zip(sentences, references):
        most = Counter()
        for caption in captions:
            most |= ngrams(caption)
        for gram, count in ngrams(words).items():
            said[len(gram) - 1] += count
            matched[len(gram) - 1] += min(count, most[gram])
        length += len(words)
        closest += min((abs(len(c) - len(words)), len(c)) for c in captions)[1]
    brevity = min(1.0, math.exp(1 - closest / max(1, length)))
    logs = [math.log(max(m, 1e-9) / max(1, s)) for m, s in zip(matched, said)]
    return [brevity * math.exp(sum(logs[:n]) / n) for n in range(1, 5)]
