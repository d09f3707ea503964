"""The parts of the study, a room for each, and their order."""

from __future__ import annotations

from core.parts.part import Part

NAMES = (
    "scaling",
    "tokens",
    "heads",
    "raw_scores",
    "raw_scores_by_layer",
    "distributions",
    "softmax",
    "softmax_by_layer",
    "averaging",
    "entropy",
)
PARTS = tuple(Part(name, number) for number, name in enumerate(NAMES, start=1))
"""The only list of them."""
PICTURES = {name: picture for part in PARTS for name, picture in part.pictures.items()}
"""What the study calls the pictures of parts and sections, by their names."""
