"""Sequence models in PyTorch, and what tiny ones answer, for the tests of the TypeScript models.

Run with Debian's python3-torch:  /usr/bin/python3 make_seq2seq.py [OUT_DIR]
writes OUT_DIR/seq2seq/. Weights and tokens are random (fixed seed). B rows, L source tokens, T target tokens, V words.

recurrent-ATTENTION.safetensors   weights.NAME, the state dict of `Seq2Seq`; sources [B, L], padded with 0 behind
                                  `lengths` [B]; words [B, T]; logits [B, T, V]; hidden, cell [layers, B, D], the
                                  encoder's last state; weights [B, T, L] and contexts [B, T, D] with attention;
                                  loss, the mean cross-entropy of wanted [B, T] (0 does not count), and its
                                  gradients.NAME
layers.safetensors                attention.* one layer with matrices of its own; convolution.* of nn.Conv1d;
                                  padded.KIND.* of packed bidirectional nn.RNN, nn.GRU, nn.LSTM
"""
import math, os, sys
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence
from make_attention_cnn import save

V_SOURCE, V_TARGET, E, D = 11, 9, 5, 6


class Seq2Seq(nn.Module):
    """Sutskever et al. 2014; with attention, Luong et al. 2015 (global, without input feeding), alignment as told."""

    def __init__(self, attention, layers):
        super().__init__()
        self.kind = attention
        self.encoder, self.decoder = (
            nn.ModuleDict({"embedding": nn.Embedding(size, E), "lstm": nn.LSTM(E, D, num_layers=layers, batch_first=True)})
            for size in (V_SOURCE, V_TARGET))
        if attention in ("general", "additive"):
            self.attention = nn.ModuleDict({"query": nn.Linear(D, D, bias=False)})
        if attention == "additive":
            self.attention["key"], self.attention["score"] = nn.Linear(D, D), nn.Linear(D, 1, bias=False)
        if attention != "none":
            self.combine = nn.Linear(2 * D, D)
        self.output = nn.Linear(D, V_TARGET)

    def scores(self, queries, keys):  # [B, T, D], [B, L, D] -> [B, T, L]
        if self.kind == "additive":
            pairs = self.attention["query"](queries)[:, :, None] + self.attention["key"](keys)[:, None]
            return self.attention["score"](torch.tanh(pairs)).squeeze(-1)
        if self.kind == "general":
            queries = self.attention["query"](queries)
        scores = queries @ keys.transpose(1, 2)
        return scores / math.sqrt(D) if self.kind == "scaled-dot" else scores

    def forward(self, sources, lengths, words):
        packed = pack_padded_sequence(self.encoder["embedding"](sources), lengths, batch_first=True, enforce_sorted=False)
        packed, state = self.encoder["lstm"](packed)
        encoded, _ = pad_packed_sequence(packed, batch_first=True, total_length=sources.shape[1])
        told, _ = self.decoder["lstm"](self.decoder["embedding"](words), state)
        out = {"hidden": state[0], "cell": state[1]}
        if self.kind != "none":
            padded = torch.arange(sources.shape[1])[None] >= lengths[:, None]
            weights = torch.softmax(self.scores(told, encoded).masked_fill(padded[:, None], float("-inf")), -1)
            contexts = weights @ encoded
            told = torch.tanh(self.combine(torch.cat([contexts, told], -1)))
            out.update(weights=weights, contexts=contexts)
        return {**out, "logits": self.output(told)}


def randomised(module):
    for p in module.parameters():
        p.data.copy_(0.6 * torch.randn_like(p))
    return module.eval()


def recurrent(out):
    torch.manual_seed(31)
    lengths = torch.tensor([7, 4, 5])
    for kind, layers in (("none", 2), ("dot", 1), ("scaled-dot", 1), ("general", 2), ("additive", 1)):
        model = randomised(Seq2Seq(kind, layers))
        sources, words = torch.randint(3, V_SOURCE, (3, 7)), torch.randint(3, V_TARGET, (3, 4))
        sources[torch.arange(7)[None] >= lengths[:, None]] = 0
        answers = model(sources, lengths, words)
        wanted = torch.randint(1, V_TARGET, (3, 4))
        wanted[1, 2:] = 0
        loss = F.cross_entropy(answers["logits"].flatten(0, 1), wanted.flatten(), ignore_index=0)
        loss.backward()
        weights = {f"weights.{name}": p for name, p in model.state_dict().items()}
        gradients = {f"gradients.{name}": p.grad for name, p in model.named_parameters()}
        answers.update(wanted=wanted.float(), loss=loss.view(1), **gradients)
        save(f"{out}/recurrent-{kind}.safetensors", {**weights, "sources": sources.float(), "lengths": lengths.float(), "words": words.float(), **answers})


def layers(out):
    torch.manual_seed(32)
    tensors = {}
    q, k, v = (randomised(nn.Linear(width, 4)) for width in (5, 6, 6))
    asking, asked = torch.randn(2, 3, 5), torch.randn(2, 4, 6)
    weights = torch.softmax(q(asking) @ k(asked).transpose(1, 2) / math.sqrt(4), -1)
    for name, linear in (("query", q), ("key", k), ("value", v)):
        tensors.update({f"attention.{name}.{n}": p for n, p in linear.state_dict().items()})
    tensors.update({"attention.asking": asking, "attention.asked": asked, "attention.weights": weights, "attention.context": weights @ v(asked)})
    convolution, sequence = randomised(nn.Conv1d(3, 4, 5, padding=2)), torch.randn(2, 7, 3)
    tensors.update({f"convolution.{n}": p for n, p in convolution.state_dict().items()})
    tensors.update({"convolution.input": sequence, "convolution.output": convolution(sequence.transpose(1, 2)).transpose(1, 2)})
    lengths, padded = torch.tensor([3, 6, 1]), torch.randn(3, 6, 4)
    tensors.update({"padded.lengths": lengths.float(), "padded.input": padded})
    for kind, module in (("rnn", nn.RNN), ("gru", nn.GRU), ("lstm", nn.LSTM)):
        network = randomised(module(4, 5, bidirectional=True, batch_first=True))
        packed, state = network(pack_padded_sequence(padded, lengths, batch_first=True, enforce_sorted=False))
        outputs, _ = pad_packed_sequence(packed, batch_first=True, total_length=6)
        hidden, cell = state if kind == "lstm" else (state, None)
        tensors.update({f"padded.{kind}.weights.{n}": p for n, p in network.state_dict().items()})
        tensors.update({f"padded.{kind}.output": outputs, f"padded.{kind}.h": hidden})
        if cell is not None:
            tensors[f"padded.{kind}.c"] = cell
    save(f"{out}/layers.safetensors", tensors)


if __name__ == "__main__":
    out = f"{sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))}/seq2seq"
    os.makedirs(out, exist_ok=True)
    recurrent(out)
    layers(out)
