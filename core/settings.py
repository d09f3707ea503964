"""What the lab is set to, as far as tasks and predictions are judged by it."""

from __future__ import annotations

from dataclasses import dataclass

from core.averaging import Normalisation
from core.one_layer import MASK_SIZE, Activation
from core.scaling import LARGEST, SEED, SMALLEST


@dataclass(frozen=True)
class Settings:
    """Settings by the names and with the defaults of the lab's state; layers, heads and tokens count from 0."""

    layer: int = 0
    head: int = 0
    query: int = 0
    key: int = 0
    mask_size: int = MASK_SIZE
    sizes_from: int = SMALLEST
    sizes_to: int = LARGEST
    sigma: float = 1.0
    seed: int = SEED
    size: int = 64
    activation: Activation = "query"
    skip_first: bool = True
    density_fit: bool = False
    causal: bool = False
    normalisation: Normalisation = "matched"
    list_length: int = 4
    cut: int = 2
