"""Processes of one thread each that learn together, over gloo. Needs PyTorch."""
import datetime, tempfile
import torch, torch.distributed as dist

def learn_together(train, o):
    """Calls train(rank, o) in o.workers processes, which `dist` joins."""
    with tempfile.TemporaryDirectory() as meeting:
        torch.multiprocessing.spawn(join, (train, o, f"file://{meeting}/workers"), o.workers)

def join(rank, train, o, rendezvous):
    torch.set_num_threads(1)
    wait = datetime.timedelta(days=2)  # a paused run must not lose its workers
    dist.init_process_group("gloo", init_method=rendezvous, rank=rank, world_size=o.workers, timeout=wait)
    train(rank, o)
