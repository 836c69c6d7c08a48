"""What the attention CNN answers to random crops of the training pictures, for everyday_vit.py train --views.

    python3 teacher_views.py --data DIR --teacher DIR --output DIR [--views N] [--crop SHARE] [--side PIXELS]
--data    holds tiny-imagenet-200/, as everyday_vit.py wants it.
--teacher a folder that everyday_cnn.py exported: the model that is asked.
--output  gets a file a view, view-0.npz and on: boxes [pictures, 4] (top, left, height, width in pixels of the 64 px
          picture) and logits [pictures, classes] (float16) of each box. A view that is there is not made again.
A student sees these crops over and over, mirrored and mixed, and its teacher is never asked again (Shen & Xing 2022, "A
Fast Knowledge Distillation Framework for Visual Recognition"). Needs PyTorch, NumPy and Pillow.
"""
import argparse, json
from pathlib import Path
import numpy as np
import torch
from everyday_cnn import logits_of, model_in
from everyday_vit import boxes, cropped, pictures

@torch.no_grad()
def answers(picked, o, box):
    """Logits [picked, classes], float16, of one box a picture."""
    torch.set_num_threads(1)
    model, images = model_in(o.teacher)[0], pictures(o.data, "train")[0]
    seen = lambda some: cropped(images[some], o.side, box[some], torch.zeros(len(some), dtype=torch.bool))
    steps = [logits_of(model, seen(some), False).half().numpy() for some in np.array_split(picked, -(-len(picked) // 100))]
    return np.concatenate(steps)

def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("data", "teacher", "output"):
        parser.add_argument("--" + name, required=True)
    for name, value, meaning in (
            ("views", 1, "crops of each picture"), ("crop", 0.4, "smallest share of the area shown"),
            ("side", 64, "pixels a side that the teacher sees"), ("workers", 2, "processes"), ("seed", 1, "of the crops")):
        parser.add_argument("--" + name, type=type(value), default=value, help=f"{meaning} ({value})")
    return parser.parse_args()

if __name__ == "__main__":
    o = arguments()
    Path(o.output).mkdir(parents=True, exist_ok=True)
    images, labels = pictures(o.data, "train")
    for view in range(o.views):
        file = Path(o.output) / f"view-{view}.npz"
        if not file.exists():
            box = boxes(len(images), o.crop, torch.Generator().manual_seed(o.seed * 1000 + view))
            shares = np.array_split(np.arange(len(images)), o.workers)
            with torch.multiprocessing.Pool(o.workers) as pool:
                logits = np.concatenate(pool.starmap(answers, [(share, o, box) for share in shares]))
            np.savez(file, boxes=box.numpy(), logits=logits)
            print(json.dumps({"view": view, "top1": round(100 * float((logits.argmax(1) == labels.numpy()).mean()), 2)}))
