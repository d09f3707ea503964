"""The program of each difference runs by itself, without the lab, and gives B − A as the lab shows it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from core import compare, study
from core.capture import Capture, capture
from core.distributions import Density
from core.models import SHIPPED_FOLDER, load
from core.scripts import DIFFERENCES, View, difference_program
from tests.integration.test_programs import MOVES, TEXT, assert_agree, run, state_for
from tests.tiny_models import gpt2_config, llama_config, store


@pytest.fixture(scope="module")
def shipped() -> Capture:
    return capture(load(str(SHIPPED_FOLDER)), TEXT)


def samples(part: str, view: View) -> tuple[object, dict[str, np.ndarray]]:
    """What a part shows, and how many values each histogram in its difference counts, by name."""
    shown, state = view.capture, SimpleNamespace(**view.settings)
    if part == "raw_scores":
        four = study.raw_score_samples(shown, state.layer, state.query, state.skip_first)
        return four, {name: np.array(len(getattr(four, name).values)) for name in ("within", "across")}
    if part == "all_layers":
        five = study.raw_scores_by_layer(shown, state.query, state.skip_first)
        counts = {name: inside(getattr(five, name)) for name in ("within", "across")}
        return five, counts | {f"{name}_mean": n.min() for name, n in counts.items()}
    if part == "distributions":
        six = study.score_distributions(shown, state.causal)
        return six, {"raw": inside(six.raw), "softmax": inside(six.softmax)}
    if part == "attention":
        seven = study.attention(shown, state.layer)
        names = ("final_to_previous", "self_attention")
        return seven, {name: np.array(len(getattr(seven, name).values)) for name in names}
    if part == "attention_maps":
        return study.head_maps(shown, state.layer, state.head), {}
    assert part == "softmax_layers"
    eight = study.attention_by_layer(shown)
    n = inside(eight.density)
    return eight, {"final_to_previous": n[:, 0], "self_attention": n[:, 1]}


def inside(histograms: Density) -> np.ndarray:
    """How many values each histogram counts."""
    return histograms.n * (1 - histograms.outside)


def subtracted(part: str, a: View, b: View) -> dict[str, tuple[object, object]]:
    """The lab's difference by the names in the program's file, and how far off each histogram may be, summed."""
    (shown_a, counts_a), (shown_b, counts_b) = samples(part, a), samples(part, b)
    differences = {
        "raw_scores": compare.raw_scores_difference,
        "all_layers": compare.raw_scores_by_layer_difference,
        "distributions": lambda *sides: compare.score_distributions_difference(
            *zip((a.capture, b.capture), sides, strict=True), lambda _: None
        ),
        "attention": compare.attention_difference,
        "attention_maps": compare.head_maps_difference,
        "softmax_layers": compare.attention_by_layer_difference,
    }
    wanted: dict[str, tuple[object, object]] = {}
    for name, one in differences[part](shown_a, shown_b)._asdict().items():
        if isinstance(one, compare.Difference):
            weight = 2 * MOVES / (one.edges[1] - one.edges[0])
            off = sum(weight / np.maximum(counts[name], 1) for counts in (counts_a, counts_b))
            wanted |= {name: (one.density, off), f"{name}_a": (one.a, off), f"{name}_b": (one.b, off)}
            wanted |= {f"{name}_edges": (one.edges, None), "edges": (one.edges, None)}
        elif isinstance(one, np.ndarray) and one.dtype != bool:
            wanted[name] = (one, None)
    return wanted


def assert_subtracts(
    a: View, b: View, models: Sequence[Path], folder: Path, parts: Iterable[str] = DIFFERENCES
) -> None:
    """Each program stores the lab's difference, and of histograms on bins of their own both sides, too."""
    for part, got in run({part: difference_program(part, a, b) for part in sorted(parts)}, models, folder).items():
        wanted = subtracted(part, a, b)
        if part == "distributions":
            ratio = np.log10(got["softmax_b"]) - np.log10(got["softmax_a"])
            np.testing.assert_allclose(got.pop("softmax_ratio"), ratio)
        for name, array in got.items():
            one, off = wanted[name]
            if off is None:
                assert_agree(array, one, f"{part}: {name}")
            else:
                assert (np.abs(array - one).sum(axis=-1) <= off).all(), f"{part}: {name}"
        names = [name for name in wanted if not name.endswith(("_a", "_b", "edges"))]
        assert all(any(stored.startswith(name) for stored in got) for name in names)


def view_of(shown: Capture, **changed: object) -> View:
    state = state_for(shown, **changed)
    return View(shown, {name: getattr(state, name) for name in state.trait_names()})


def test_programs_subtract_two_views_of_a_text(shipped: Capture, tmp_path: Path) -> None:
    a, b = view_of(shipped, layer=1, head=2, query=9), view_of(shipped, layer=6, head=0, query=20)
    assert_subtracts(a, b, [SHIPPED_FOLDER] * 2, tmp_path)


def test_programs_subtract_two_texts_with_the_settings_of_both(shipped: Capture, tmp_path: Path) -> None:
    other = capture(load(str(SHIPPED_FOLDER)), "A cat sat. " * 9)
    both = {"skip_first": False, "causal": True}
    assert other.tokens != shipped.tokens
    parts = set(DIFFERENCES) - {"attention_maps"}
    assert_subtracts(view_of(shipped, **both), view_of(other, **both), [SHIPPED_FOLDER] * 2, tmp_path, parts)


def test_programs_subtract_models_of_two_families(shipped: Capture, tmp_path: Path) -> None:
    model = store(llama_config(), tmp_path / "llama")
    other = capture(load(str(model)), TEXT)
    assert other.layers != shipped.layers
    parts = ("raw_scores", "all_layers", "attention")
    assert_subtracts(view_of(shipped), view_of(other), [SHIPPED_FOLDER, model], tmp_path, parts)


def test_programs_subtract_a_text_of_one_token(tmp_path: Path) -> None:
    model = store(gpt2_config(), tmp_path / "tiny")
    one, more = (capture(load(str(model)), words) for words in ("a", "a cat"))
    assert one.tokens == 1 < more.tokens
    parts = ("all_layers", "attention", "softmax_layers")
    assert_subtracts(view_of(one), view_of(more), [model] * 2, tmp_path, parts)
