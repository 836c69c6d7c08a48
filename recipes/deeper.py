"""Writes a ViT with more blocks that answers as the one given: a copy behind some of them, which at first adds nothing.

    python3 deeper.py --start DIR --output DIR --behind 2,4
--start   a Hugging Face ViT folder.
--behind  the blocks, counted from 0, that get a copy behind them; the layers that write into the stream are 0 in it.
Chen et al. 2016, "Net2Net". Needs PyTorch and NumPy.
"""
import argparse, json, re
from pathlib import Path
from model_files import load_safetensors, write_model
BLOCK = re.compile(r"(vit\.encoder\.layer\.)(\d+)(\..*)")
WRITES = re.compile(r"\.(attention\.output|output)\.dense\.(weight|bias)")

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--start", required=True, type=Path)
    parser.add_argument("--output", required=True)
    parser.add_argument("--behind", required=True, type=lambda text: {int(part) for part in text.split(",")})
    o = parser.parse_args()
    given, deeper = load_safetensors(o.start / "model.safetensors"), {}
    for name, value in given.items():
        block = BLOCK.fullmatch(name)
        if block is None:
            deeper[name] = value
            continue
        front, at, rest = block[1], int(block[2]), block[3]
        place = at + sum(behind < at for behind in o.behind)
        deeper[f"{front}{place}{rest}"] = value
        if at in o.behind:
            deeper[f"{front}{place + 1}{rest}"] = 0 * value if WRITES.fullmatch(rest) else value
    config, pixels = (json.loads((o.start / f"{name}.json").read_text()) for name in ("config", "preprocessor_config"))
    write_model(o.output, deeper, {**config, "num_hidden_layers": config["num_hidden_layers"] + len(o.behind)}, pixels)
