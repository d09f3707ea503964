"""All nine parts from a capture beside the study's own way to the same numbers, at gpt2-medium's shape."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from transformers.utils import logging

from core.export.files import by_name
from core.model.capture import capture
from core.model.loading import load
from core.parts.settings import default_layer
from tests import reference
from tests.bench import notebook
from tests.bench.compute import MILLI, arithmetic, nine_parts
from tests.bench.medium import LENGTHS, medium_folder, text_of
from tests.bench.rows import Measured
from tests.bench.timing import RUNS, interleaved, seconds
from tests.parity import assert_same_study


def measure() -> Iterator[Measured]:
    logging.disable_progress_bar()
    made = capture(load(str(medium_folder())), text_of(min(LENGTHS)))
    layer = default_layer(made.layers)
    for arrays in (by_name(nine_parts(made)), notebook.study(made, layer)):
        loops = reference.study(made, layer)
        for name in loops.arrays.keys() - arrays.keys():
            assert name.startswith("part10_") or name.removeprefix("part3_") in reference.OVERVIEW
            del loops.arrays[name]
        assert_same_study(arrays, loops)
    times = interleaved(lambda: nine_parts(made), lambda: notebook.study(made, layer), per_second=MILLI)
    limit = np.median([seconds(lambda: arithmetic(made)) for _ in range(RUNS)]) * MILLI
    note = f"its products and exponentials alone: {limit:.0f} ms"
    yield Measured(f"analysis-{made.tokens}", *times, note=note)
