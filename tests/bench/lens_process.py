"""`lens_process.py MODEL TOKENS ARRAYS`: runs in TransformerLens's own environment, once for each line of its input."""

from __future__ import annotations

import sys

import numpy as np
import torch
from transformer_lens.model_bridge import TransformerBridge
from transformers.utils import logging


def main(folder: str, tokens: str, arrays: str) -> None:
    """Keeps what the first run gave, each layer's heads side by side."""
    logging.disable_progress_bar()
    model = TransformerBridge.boot_transformers(folder, device="cpu")
    batch = torch.from_numpy(np.load(tokens))[None]
    names = {kind: [f"blocks.{layer}.attn.hook_{kind}" for layer in range(model.cfg.n_layers)] for kind in "qk"}
    for run, _ in enumerate(sys.stdin):
        with torch.no_grad():
            _, cache = model.run_with_cache(batch, names_filter=[*names["q"], *names["k"]])
        if run == 0:
            query, key = (np.stack([cache[name][0].flatten(1) for name in names[kind]]) for kind in "qk")  # (L, T, E)
            np.savez(arrays, query=query, key=key)
        print("done", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
