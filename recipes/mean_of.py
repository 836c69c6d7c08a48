"""Writes the mean of the weights of models of one shape, which often does better than each of them.

    python3 mean_of.py --output DIR DIR DIR...
Wortsman et al. 2022, "Model soups". Configs are those of the first. Needs PyTorch and NumPy.
"""
import argparse, json
from pathlib import Path
from model_files import load_safetensors, write_model

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", required=True)
    parser.add_argument("folders", nargs="+", type=Path)
    o = parser.parse_args()
    models = [load_safetensors(folder / "model.safetensors") for folder in o.folders]
    mean = {name: sum(model[name] for model in models) / len(models) for name in models[0]}
    config, pixels = (json.loads((o.folders[0] / f"{name}.json").read_text()) for name in ("config", "preprocessor_config"))
    write_model(o.output, mean, config, pixels)
