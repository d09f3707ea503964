"""The overview's first picture, at gpt2-medium's shape."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from transformers.utils import logging

from core.model.capture import capture
from core.model.loading import load
from tests.bench.compute import arithmetic
from tests.bench.medium import LENGTHS, medium_folder, text_of
from tests.bench.rows import Measured
from tests.bench.timing import RUNS, interleaved
from widgets.lab import Lab


def measure() -> Iterator[Measured]:
    logging.disable_progress_bar()
    made = capture(load(str(medium_folder())), text_of(min(LENGTHS)))

    labs = [Lab(capture=made) for _ in range(1 + RUNS)]
    fresh = iter(labs)

    def first_picture() -> None:
        """The kernel's side: from the capture to the charts' messages. Without a running loop it is done at once."""
        section: Any = next(fresh).overview
        section.visible = True
        assert section.result.maps.shape[:2] == (made.layers, made.heads)

    yield Measured("overview", *interleaved(first_picture, lambda: arithmetic(made)))
