"""All nine parts from a capture beside the study's own way to the same numbers, at gpt2-medium's shape."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from transformers.utils import logging

from core.capture import capture
from core.models import load
from core.study import default_layer, study_arrays
from tests import reference
from tests.bench import notebook
from tests.bench.compute import MILLI, arithmetic
from tests.bench.medium import LENGTHS, medium_folder, text_of
from tests.bench.rows import Measured
from tests.bench.timing import RUNS, interleaved, seconds
from tests.parity import assert_same_study


def measure() -> Iterator[Measured]:
    logging.disable_progress_bar()
    made = capture(load(str(medium_folder())), text_of(min(LENGTHS)))
    layer = default_layer(made.layers)
    loops = reference.study(made, layer)
    for study in (study_arrays, notebook.study):
        assert_same_study(study(made, layer), loops)
    times = interleaved(lambda: study_arrays(made, layer), lambda: notebook.study(made, layer), per_second=MILLI)
    limit = np.median([seconds(lambda: arithmetic(made)) for _ in range(RUNS)]) * MILLI
    note = f"its products and exponentials alone: {limit:.0f} ms"
    yield Measured(f"analysis-{made.tokens}", *times, note=note)
