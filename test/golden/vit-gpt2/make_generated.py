"""What transformers' `generate` makes the model of this folder say of its pictures, from its files as they are.

Run with pip's torch and transformers (made with 2.13 and 5.18):  python make_generated.py
writes generated.json: options (our names), results[photo][i]: tokens without the end, ended, score
"""
import json, os
import torch
from safetensors.torch import load_file
from transformers import GenerationConfig, VisionEncoderDecoderModel

HERE = os.path.dirname(os.path.abspath(__file__))
START, END = 1, 0
NAMES = {"beams": "num_beams", "returned": "num_return_sequences", "maxWords": "max_new_tokens", "minWords": "min_new_tokens",
         "lengthPenalty": "length_penalty", "earlyStopping": "early_stopping", "noRepeatNgram": "no_repeat_ngram_size",
         "repetitionPenalty": "repetition_penalty"}
CASES = [{"beams": 3, "returned": 3, "maxWords": 9}, {"beams": 5, "returned": 5, "maxWords": 12, "noRepeatNgram": 2},
         {"beams": 4, "returned": 4, "maxWords": 14, "noRepeatNgram": 1, "lengthPenalty": 2.0, "earlyStopping": True},
         {"beams": 3, "returned": 3, "maxWords": 10, "repetitionPenalty": 1.6, "minWords": 4},
         {"beams": 5, "returned": 2, "maxWords": 16, "repetitionPenalty": 2.0, "earlyStopping": "never", "lengthPenalty": 0.5}]


def main():
    model = VisionEncoderDecoderModel.from_pretrained(HERE).eval()
    pixels = load_file(f"{HERE}/expected.safetensors")["pixel_values"]
    cases = []
    for options in CASES:
        config = GenerationConfig(**{NAMES[name]: value for name, value in options.items()}, decoder_start_token_id=START, bos_token_id=START,
                                  eos_token_id=END, pad_token_id=END, return_dict_in_generate=True, output_scores=True)
        said = model.generate(pixels, generation_config=config)
        found = []
        for row, score in zip(said.sequences[:, 1:].tolist(), said.sequences_scores.tolist()):
            ended = END in row
            found.append({"tokens": row[:row.index(END)] if ended else row, "ended": ended, "score": score})
        size = options["returned"]
        cases.append({"options": options, "results": [found[at:at + size] for at in range(0, len(found), size)]})
    with open(f"{HERE}/generated.json", "w") as file:
        file.write(json.dumps(cases) + "\n")


main()
