"""The program of each difference runs by itself, without the lab, and gives B − A as the lab shows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from core.export.difference_programs import DIFFERENCES, View, difference_program
from core.model.capture import Capture, capture
from core.model.catalogue import SHIPPED_FOLDER
from core.model.loading import load
from core.parts.difference import DensityDifference, Difference
from core.parts.distributions import numbers as part6
from core.parts.entropy import numbers as part10
from core.parts.raw_scores import numbers as part4
from core.parts.raw_scores_by_layer import numbers as part5
from core.parts.softmax import attention as part7b
from core.parts.softmax import attention_maps as part7c
from core.parts.softmax_by_layer import numbers as part8
from tests import reference
from tests.differences import samples_of, subtract
from tests.integration.test_programs import CHANGES, TEXT, run, state_for
from tests.parity import TOLERANCE, assert_close, density_bounds
from tests.tiny_models import gpt2_config, llama_config, store


@pytest.fixture(scope="module")
def shipped() -> Capture:
    return capture(load(str(SHIPPED_FOLDER)), TEXT)


Rows = Sequence[np.ndarray]
"""What a part's histograms count, by plain loops, one array a row."""


def results(part: str, view: View) -> tuple[Any, dict[str, Rows]]:
    """What a part shows, and what the histograms in its difference count, by name."""
    shown, state = view.capture, SimpleNamespace(**view.settings)
    if part == "raw_scores":
        within, across = reference.last_query_scores(shown, state.layer, state.query, state.skip_first)
        four = part4.raw_score_samples(shown, state.layer, state.query, state.skip_first)
        return four, {"within": [within], "across": [across]}
    if part == "raw_scores_by_layer":
        loops = reference.part5(shown, state.query, state.skip_first).histograms
        five = part5.raw_scores_by_layer(shown, state.query, state.skip_first)
        return five, {name: loops[f"part5_{name.removesuffix('_mean')}"] for name in ALL_LAYERS}
    if part == "distributions":
        loops = reference.part6(shown, state.causal).histograms
        six = part6.score_distributions(shown, state.causal)
        return six, {"raw": loops["part6_raw_density"], "softmax": loops["part6_softmax_density"]}
    if part == "attention":
        final, own, _ = reference.attention_samples(shown, state.layer)
        return part7b.attention(shown, state.layer), {"final_to_previous": [final], "self_attention": [own]}
    if part == "attention_maps":
        return part7c.head_maps(shown, state.layer, state.head), {}
    if part == "entropy":
        return part10.attention_entropy(shown), {}
    assert part == "softmax_by_layer"
    values = reference.part8(shown).histograms["part8_density"]
    return part8.attention_by_layer(shown), {"final_to_previous": values[0::3], "self_attention": values[1::3]}


ALL_LAYERS = ("within", "across", "within_mean", "across_mean")


def bounds(part: str, name: str, rows: Rows, edges: np.ndarray) -> np.ndarray:
    """The least and the most of each density, (2, row, bin), or of their mean; see `density_bounds`."""
    closed = part != "raw_scores_by_layer" and name != "raw"
    own = np.broadcast_to(edges, (len(rows), edges.shape[-1]))
    ends = np.array([density_bounds(*row, closed=closed) for row in zip(rows, own, strict=True)]).swapaxes(0, 1)
    if name == "softmax":  # empty bins at half of one count
        width = own[:, 1] - own[:, 0]
        half = np.array([0.5 / len(row) for row in rows]) / np.where(width > 0, width, np.inf)
        ends = np.maximum(ends, half[:, None] * np.array([1 - 1e-9, 1 + 1e-9])[:, None, None])
    return ends.mean(axis=1, keepdims=True) if name.endswith("_mean") else ends


def assert_between(density: np.ndarray, ends: np.ndarray, name: str) -> None:
    assert (density >= ends[0]).all(), name
    assert (density <= ends[1]).all(), name


def assert_histogram(got: Mapping[str, np.ndarray], part: str, name: str, a: Rows, b: Rows) -> None:
    """A difference of densities, and both sides where they are there, but for values at an edge."""
    edges = got.get(f"{name}_edges", got.get("edges"))
    assert edges is not None
    ends = [bounds(part, name, rows, edges) for rows in (a, b)]
    for side, own in zip("ab", ends, strict=True):
        if f"{name}_{side}" in got:
            assert_between(got[f"{name}_{side}"], own, f"{part}: {name}_{side}")
    if name in got:
        room = 1e-9 * max(own.max() for own in ends)  # what is left of a difference of two equal numbers
        assert_between(got[name], np.stack([ends[1][0] - ends[0][1] - room, ends[1][1] - ends[0][0] + room]), name)


def shown_by_the_lab(difference: Any) -> dict[str, np.ndarray]:
    """A difference by the names in the program's file."""
    arrays: dict[str, np.ndarray] = {}
    pieces = samples_of(difference) if isinstance(difference, DensityDifference) else difference._asdict()
    for name, one in pieces.items():
        if isinstance(one, Difference):
            arrays |= {name: one.density, f"{name}_a": one.a, f"{name}_b": one.b, f"{name}_edges": one.edges}
        elif isinstance(one, np.ndarray) and one.dtype != bool:
            arrays[name] = one
    return arrays


def assert_subtracts(
    a: View, b: View, models: Sequence[Path], folder: Path, parts: Iterable[str] = DIFFERENCES
) -> None:
    """Each program stores the lab's difference, and of histograms on bins of their own both sides, too."""
    for part, got in run({part: difference_program(part, a, b) for part in sorted(parts)}, models, folder).items():
        (shown_a, rows_a), (shown_b, rows_b) = results(part, a), results(part, b)
        shown = shown_by_the_lab(subtract(part, shown_a, shown_b, (a.capture, b.capture)))
        if part == "distributions":
            ratio = np.log10(got["softmax_b"]) - np.log10(got["softmax_a"])
            np.testing.assert_allclose(got.pop("softmax_ratio"), ratio, rtol=0, atol=1e-12)
        for name in shown.keys() & rows_a.keys():
            for one in (got, shown):
                assert_histogram(one, part, name, rows_a[name], rows_b[name])
        for name, array in got.items():
            if name.removesuffix("_a").removesuffix("_b") in rows_a:
                continue
            if name == "edges":
                for edges in (shown[f"{one}_edges"] for one in rows_a if f"{one}_edges" in shown):
                    assert_close(array, edges, f"{part}: {name}")
            elif name.endswith("edges"):
                assert_close(array, shown[name], f"{part}: {name}")
            else:
                sides = [getattr(one, name) for one in (shown_a, shown_b)]
                close = TOLERANCE * sum(np.abs(side[np.isfinite(side)]).max() for side in sides)
                np.testing.assert_allclose(array, shown[name], rtol=0, atol=close, err_msg=f"{part}: {name}")
        names = [name for name in shown if not name.endswith(("_a", "_b", "edges"))]
        assert all(any(stored.startswith(name) for stored in got) for name in names)


def view_of(shown: Capture, **changed: object) -> View:
    state = state_for(shown, **changed)
    return View(shown, {name: getattr(state, name) for name in state.trait_names()})


def test_programs_subtract_two_views_of_a_text(shipped: Capture, tmp_path: Path) -> None:
    a, b = view_of(shipped, layer=1, head=2, query=9), view_of(shipped, layer=6, head=0, query=20)
    assert_subtracts(a, b, [SHIPPED_FOLDER] * 2, tmp_path)


def test_programs_subtract_the_model_as_it_is_from_the_changed_one(shipped: Capture, tmp_path: Path) -> None:
    changed = capture(load(str(SHIPPED_FOLDER)), TEXT, CHANGES)
    assert_subtracts(view_of(shipped), view_of(changed), [SHIPPED_FOLDER] * 2, tmp_path)


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
    parts = ("raw_scores", "raw_scores_by_layer", "attention")
    assert_subtracts(view_of(shipped), view_of(other), [SHIPPED_FOLDER, model], tmp_path, parts)


def test_programs_subtract_a_text_of_one_token(tmp_path: Path) -> None:
    model = store(gpt2_config(), tmp_path / "tiny")
    one, more = (capture(load(str(model)), words) for words in ("a", "a cat"))
    assert one.tokens == 1 < more.tokens
    parts = ("raw_scores_by_layer", "attention", "softmax_by_layer")
    assert_subtracts(view_of(one), view_of(more), [model] * 2, tmp_path, parts)
