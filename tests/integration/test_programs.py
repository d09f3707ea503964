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

import numpy as np
import pytest
from hypothesis import given
from hypothesis.strategies import text

from core import study
from core.capture import Capture, capture
from core.distributions import Density
from core.models import SHIPPED_FOLDER, load
from core.scripts import PROGRAMS, program
from core.scripts.compose import WIDTH, quoted
from tests.tiny_models import gpt2_config, llama_config, store
from widgets.state import ViewState

TEXT = 'He said: "it\'s\n\ta cat", naïvely 🙂 ' * 4 + "\\ the dog sat on the mat and on the cat \ud800"
MOVES = 3
"""Values that may fall into the bin beside theirs, of a histogram: those within rounding of an edge."""
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


def expected(part: str, shown: Capture, state: ViewState) -> dict[str, object]:
    """What the study says, by the names in the program's file; a Density for a histogram."""
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
    if part == "raw_scores":
        four = study.raw_score_samples(shown, state.layer, state.query, state.skip_first)
        own = {"within": four.within.values, "across": four.across.values}
        return own | {"within_density": four.within_density, "across_density": four.across_density}
    if part == "all_layers":
        return study.raw_scores_by_layer(shown, state.query, state.skip_first)._asdict()
    if part == "distributions":
        six = study.score_distributions(shown, state.causal)
        return {"mean": six.mean, "std": six.sd, "raw_density": six.raw, "softmax_density": six.softmax}
    if part == "attention":
        seven = study.attention(shown, state.layer)
        return {name: getattr(seven, name).values for name in ("final_to_previous", "self_attention", "first_to_self")}
    assert part == "softmax_layers"
    return {"density": study.attention_by_layer(shown).density}


def assert_agree(got: np.ndarray, wanted: object, name: str) -> None:
    if isinstance(wanted, Density):
        counts = wanted.n * (wanted.edges[1] - wanted.edges[0])
        moved = np.abs(got - wanted.density).sum(axis=-1) * counts / 2
        assert (moved <= MOVES).all(), f"{name}: {moved.max():.1f} values moved"
        return
    finite = np.abs(wanted)[np.isfinite(wanted)]
    np.testing.assert_allclose(got, wanted, rtol=1e-4, atol=1e-5 * finite.max(initial=0), err_msg=name)


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
        wanted = expected(part, shown, state)
        compared = [name for name in got if "edges" not in name]
        assert compared
        for name in compared:
            assert_agree(got[name], wanted[name], f"{part}: {name}")


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
