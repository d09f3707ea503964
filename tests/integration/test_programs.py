"""Each part's program runs by itself, without the lab, and gives the numbers that the lab shows."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis.strategies import text
from transformers import PreTrainedConfig

from core import study
from core.capture import Capture, capture
from core.distributions import Density
from core.models import SHIPPED_FOLDER, load
from core.scripts import PROGRAMS, program
from core.scripts.compose import WIDTH, quoted
from tests import reference
from tests.families import tiny_config
from tests.parity import assert_close, assert_same_histogram
from tests.tiny_models import gpt2_config, llama_config, store
from widgets.state import ViewState

TEXT = 'He said: "it\'s\n\ta cat", naïvely 🙂 ' * 4 + "\\ the dog sat on the mat and on the cat \ud800"
CHANGED = {
    "layer": 1,
    "head": 1,
    "query": 9,
    "skip_first": False,
    "causal": True,
    "activation": "value",
    "mask_size": 7,
    "normalisation": "own_width",
    "sizes_from": 8,
    "sizes_to": 20,
    "sigma": 0.5,
    "seed": 3,
    "size": 12,
    "list_length": 7,
    "cut": 3,
}


def state_for(shown: Capture, **changed: object) -> ViewState:
    state = ViewState()
    state.fit(shown.layers, shown.heads, shown.tokens)
    for name, value in changed.items():
        state.set_trait(name, value)
    return state


class Histogram(NamedTuple):
    """What a density must count: values of plain loops, one array a row, between edges that the program stores."""

    values: Sequence[np.ndarray]
    edges: str
    """The name of the array of edges in the program's file; (edge,), or (row, edge)."""
    shown: Density
    closed: bool = False
    """The edges end at the values' own extremes, or where no value can lie beyond."""


def expected(part: str, shown: Capture, state: ViewState) -> dict[str, object]:
    """What the study says, by the names in the program's file; a Histogram for a density."""
    results = {
        "scaling": lambda: study.scaling(state.sizes_from, state.sizes_to, state.seed, state.sigma),
        "heads": lambda: study.heads(shown, state.layer, state.activation),
        "softmax": lambda: study.masking(state.mask_size),
        "attention_maps": lambda: study.head_maps(shown, state.layer, state.head),
        "averaging": lambda: study.averaging(shown, state.layer, state.normalisation),
        "group_means": lambda: study.group_means(state.list_length, state.cut),
    }
    if part in results:
        named = results[part]()._asdict()
        if part == "scaling":
            named |= study.saturation(state.size, state.seed, state.sigma)._asdict()
        return named
    if part == "tokens":
        return {
            "tokens": shown.token_ids,
            "next_ids": shown.next_ids,
            "next_probability": shown.next_probability,
        }
    named = {}
    if part == "raw_scores":
        four = study.raw_score_samples(shown, state.layer, state.query, state.skip_first)
        loops = reference.last_query_scores(shown, state.layer, state.query, state.skip_first)
        for name, values in zip(("within", "across"), loops, strict=True):
            density = getattr(four, f"{name}_density")
            named |= {name: getattr(four, name).values, f"{name}_edges": density.edges}
            named[f"{name}_density"] = Histogram([values], f"{name}_edges", density, closed=True)
        return named
    if part == "all_layers":
        five = study.raw_scores_by_layer(shown, state.query, state.skip_first)
        loops = reference.part5(shown, state.query, state.skip_first).histograms
        named = {name: Histogram(loops[f"part5_{name}"], "edges", getattr(five, name)) for name in ("within", "across")}
        return named | {"edges": five.within.edges}
    if part == "distributions":
        six, loops = study.score_distributions(shown, state.causal), reference.part6(shown, state.causal).histograms
        return {
            "mean": six.mean,
            "std": six.sd,
            "raw_edges": six.raw.edges,
            "raw_density": Histogram(loops["part6_raw_density"], "raw_edges", six.raw),
            "softmax_edges": six.softmax.edges,
            "softmax_density": Histogram(loops["part6_softmax_density"], "softmax_edges", six.softmax, closed=True),
        }
    if part == "attention":
        seven = study.attention(shown, state.layer)
        return {name: getattr(seven, name).values for name in ("final_to_previous", "self_attention", "first_to_self")}
    assert part == "softmax_layers"
    eight, values = study.attention_by_layer(shown).density, reference.part8(shown).histograms["part8_density"]
    return {"edges": eight.edges, "density": Histogram(values, "edges", eight, closed=True)}


def assert_counts(density: np.ndarray, values: Sequence[np.ndarray], edges: np.ndarray, closed: bool) -> None:
    """Densities, row by row, that differ from numpy's only by values within the tolerance of an edge."""
    rows = density.reshape(len(values), -1)
    for row, one, ends in zip(rows, values, np.broadcast_to(edges, (len(rows), edges.shape[-1])), strict=True):
        assert_same_histogram(row, one, ends, closed=closed)


def assert_agree(got: Mapping[str, np.ndarray], wanted: Mapping[str, object], part: str) -> None:
    """What a program stores is what the lab shows, to the agreement of `tests.parity`."""
    for name, array in got.items():
        if part == "all_layers" and name not in wanted:  # means and SDs over the layers of what is stored beside them
            sample, statistic = name.split("_")
            over_layers = {"mean": np.mean, "sd": np.std}[statistic](got[sample], axis=0)
            np.testing.assert_array_equal(array, over_layers, err_msg=name)
            continue
        one = wanted[name]
        if isinstance(one, Histogram):
            assert array.shape == one.shown.density.shape, name
            assert_counts(array, one.values, got[one.edges], one.closed)
            assert_counts(one.shown.density, one.values, one.shown.edges, one.closed)
        else:
            assert_close(array, np.asarray(one), f"{part}: {name}")


RUN_EACH = """
import os, runpy, sys
for folder in sys.argv[1:]:
    os.chdir(folder)
    runpy.run_path("program.py", run_name="__main__")
"""


def with_models(source: str, models: Sequence[Path]) -> str:
    """A program with these folders as its models, one after the other."""
    paths = iter(models)
    return re.sub(r"^( *MODEL ?= ?)'.*?'", lambda at: f"{at[1]}{str(next(paths))!r}", source, flags=re.MULTILINE)


def run(sources: Mapping[str, str], models: Sequence[Path], folder: Path) -> dict[str, dict[str, np.ndarray]]:
    """What each part's program stores, run on models in folders, in their order, and far from the lab.

    One after the other in one process, each in a namespace and a folder of its own: torch is slow to import.
    """
    for part, source in sources.items():
        (folder / part).mkdir()
        own = with_models(source, models)
        (folder / part / "program.py").write_text(own, encoding="utf-8")
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "PYTHONPATH": "", "PYTHONWARNINGS": "error::RuntimeWarning"}
    command = [sys.executable, "-c", RUN_EACH, *(str(folder / part) for part in sources)]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    arrays = {}
    for part in sources:
        (stored,) = (folder / part).glob("*.npz")
        with np.load(stored, allow_pickle=False) as one:
            arrays[part] = dict(one)
    return arrays


def assert_reproduces(shown: Capture, state: ViewState, model: Path, folder: Path, parts: Iterable[str]) -> None:
    settings = {name: getattr(state, name) for name in state.trait_names()}
    sources = {part: program(part, shown, settings) for part in parts}
    for part, got in run(sources, [model], folder).items():
        assert got
        assert_agree(got, expected(part, shown, state), part)


@pytest.fixture(scope="module")
def shipped() -> Capture:
    return capture(load(str(SHIPPED_FOLDER)), TEXT)


def test_programs_give_the_numbers_of_the_first_view(shipped: Capture, tmp_path: Path) -> None:
    assert_reproduces(shipped, state_for(shipped), SHIPPED_FOLDER, tmp_path, PROGRAMS)


def test_programs_follow_every_setting(shipped: Capture, tmp_path: Path) -> None:
    assert_reproduces(shipped, state_for(shipped, **CHANGED), SHIPPED_FOLDER, tmp_path, PROGRAMS)


def test_programs_know_models_that_are_no_gpt2(tmp_path: Path) -> None:
    model = store(llama_config(), tmp_path / "llama")
    shown = capture(load(str(model)), TEXT)
    assert shown.tokens < shown.text_tokens
    assert_reproduces(shown, state_for(shown), model, tmp_path, PROGRAMS)


WINDOW_AND_CAP = {"sliding_window": 4, "attn_logit_softcapping": 2.0, "query_pre_attn_scalar": 64}


@pytest.mark.parametrize(
    "config",
    [
        gpt2_config(scale_attn_by_inverse_layer_idx=True),
        tiny_config("gemma2", initializer_range=0.5, **WINDOW_AND_CAP),
        tiny_config("llama", initializer_range=0.5, is_causal=False),
    ],
    ids=lambda config: config.model_type,
)
def test_programs_have_the_models_own_scale_cap_and_mask(config: PreTrainedConfig, tmp_path: Path) -> None:
    model = store(config, tmp_path / "own-rules")
    shown = capture(load(str(model)), TEXT[:60])
    parts = set(PROGRAMS) - {"scaling", "tokens", "heads", "softmax", "group_means"}
    assert_reproduces(shown, state_for(shown, layer=1, causal=True), model, tmp_path, parts)


def test_programs_take_a_text_of_one_token(tmp_path: Path) -> None:
    model = store(gpt2_config(), tmp_path / "tiny")
    shown = capture(load(str(model)), "a")
    assert shown.tokens == 1
    assert_reproduces(shown, state_for(shown), model, tmp_path, PROGRAMS)


@given(text())
def test_a_text_comes_back_from_the_program_as_it_is(words: str) -> None:
    assert ast.literal_eval(quoted(words)) == words
    assert all(len(line) < 9 * WIDTH for line in quoted(words).splitlines())


def test_a_model_of_the_hub_is_named_with_its_owner_and_revision(shipped: Capture) -> None:
    facts = replace(shipped.model, name="gpt2", revision="607a30d7", shipped=False)
    source = program("heads", replace(shipped, model=facts), {"layer": 0, "activation": "key"})
    assert "MODEL = 'openai-community/gpt2'" in source
    assert "REVISION = '607a30d7'" in source
