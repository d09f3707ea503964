"""The model's pass and the nine parts of a long text, at gpt2-medium's shape."""

from __future__ import annotations

import gc
import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from jaxtyping import Int
from numpy import ndarray
from transformers import AutoModelForCausalLM
from transformers.utils import logging

from core.model.capture import GUESSES, Capture, capture, read_capture, write_capture
from core.model.facts import LoadedModel
from core.model.loading import load
from core.model.recording import Recorded, forward
from core.parts import PARTS
from core.parts.part import Arrays
from core.parts.settings import default_layer
from core.parts.softmax import MASK_SIZE
from tests.bench.lens import lens
from tests.bench.medium import LENGTHS, medium_folder, text_of
from tests.bench.rows import Measured
from tests.bench.timing import RUNS, interleaved

MILLI = 1000
LONG = max(LENGTHS)
SAME = 1e-3
"""Of the largest magnitude: what float32 leaves of 24 layers that are worked out in another order."""


def measure() -> Iterator[Measured]:
    logging.disable_progress_bar()
    loaded = load(str(medium_folder()))
    captures = {tokens: capture(loaded, text_of(tokens)) for tokens in LENGTHS}
    for made in captures.values():
        yield from beside_the_bare_model(loaded, made)
        yield beside_transformer_lens(loaded, made)
    del loaded
    gc.collect()  # the weights' memory is not the analysis's
    yield long_analysis(captures[LONG])
    yield long_memory(captures[LONG])


def recorded(loaded: LoadedModel, token_ids: Int[ndarray, " token"], guesses: int = GUESSES) -> Recorded:
    """What `capture` does with the tokens."""
    return forward(loaded.model, token_ids, loaded.facts.layers, guesses)


def beside_the_bare_model(loaded: LoadedModel, made: Capture) -> Iterator[Measured]:
    """With and without the next-token guess, against the model as transformers loads and calls it."""
    model = AutoModelForCausalLM.from_pretrained(medium_folder(), dtype=torch.float32)
    batch = torch.from_numpy(made.token_ids)[None]

    def bare() -> torch.Tensor:
        with torch.no_grad():
            return model(batch).logits

    probability = bare()[0, -1].softmax(dim=-1)[torch.from_numpy(made.next_ids)].numpy()
    np.testing.assert_allclose(made.next_probability, probability, rtol=SAME)
    np.testing.assert_array_equal(recorded(loaded, made.token_ids, guesses=0).activations.key, made.key)
    for name, guesses in (("forward-guess", GUESSES), ("forward", 0)):
        times = interleaved(lambda g=guesses: recorded(loaded, made.token_ids, g), bare, per_second=MILLI)
        yield Measured(f"{name}-{made.tokens}", *times, note=f"{torch.get_num_threads()} threads")


def beside_transformer_lens(loaded: LoadedModel, made: Capture) -> Measured:
    """With the guess, against a process that runs the same weights on the same tokens."""
    with lens(medium_folder(), made.token_ids) as other:
        for ours, theirs in zip((made.query, made.key), other.activations(), strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=0, atol=SAME * np.abs(ours).max())
        times = interleaved(lambda: recorded(loaded, made.token_ids), other.run, per_second=MILLI)
    return Measured(f"lens-{made.tokens}", *times)


def long_analysis(made: Capture) -> Measured:
    """A long text, against the arithmetic that it cannot do without."""
    times = interleaved(lambda: nine_parts(made), lambda: arithmetic(made))
    return Measured(f"analysis-{made.tokens}", *times)


def nine_parts(made: Capture) -> dict[str, Arrays]:
    """The study's own parts: what was added to them later has no counterpart there."""
    return {
        f"part{part.number}": part.export(made, default_layer(made.layers), MASK_SIZE.default)
        for part in PARTS
        if part.number <= 9
    }


def arithmetic(made: Capture) -> None:
    """One product over the head width and one exponential for each score of all layers and heads, in one place."""
    scores = np.empty((made.tokens, made.tokens), np.float32)
    with np.errstate(over="ignore"):
        for layer in range(made.layers):
            query, key = made.split_heads("query", layer), made.split_heads("key", layer)
            for head in range(made.heads):
                np.matmul(query[head], key[head].T, out=scores)
                np.exp(scores, out=scores)


def long_memory(made: Capture) -> Measured:
    """Peak memory of the analysis above the capture, in a process that holds nothing else."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "capture.npz")
        write_capture(made, path)
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
            peaks = process.submit(peaks_above, path).result()
    size = (made.query.nbytes + made.key.nbytes + made.value.nbytes) / 1e6
    return Measured(f"analysis-{made.tokens}-memory", peaks, [size] * len(peaks))


def peaks_above(path: Path) -> list[float]:
    """Megabytes that each of several analyses takes at most, above the process with the capture. Linux only."""
    made = read_capture(path)
    before = resident("VmRSS")
    peaks = []
    for _ in range(RUNS):
        Path("/proc/self/clear_refs").write_text("5")  # forget the peak so far
        nine_parts(made)
        peaks.append(resident("VmHWM") - before)
    return peaks


def resident(kind: str) -> float:
    """This process's memory in megabytes, now (VmRSS) or at most (VmHWM)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(kind)) * 1024 / 1e6
