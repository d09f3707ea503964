"""Each part's program runs by itself, without the lab, and gives the numbers that the lab shows."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis.strategies import text
from transformers import PreTrainedConfig

from core.attention.distributions import Density
from core.attention.intervention import UNCHANGED, Change, Intervention
from core.export.programs import PROGRAMS, RUN, WIDTH, path_of, program, quoted, read
from core.model.capture import Capture, capture
from core.model.catalogue import SHIPPED_FOLDER
from core.model.effects import says
from core.model.experiments import Experiments
from core.model.facts import LoadedModel
from core.model.loading import load
from core.model.resident import InMemory, Resident
from core.parts.averaging import average_order as part9c
from core.parts.averaging import averaged_heads
from core.parts.averaging import group_means as part9b
from core.parts.averaging import numbers as part9
from core.parts.distributions import numbers as part6
from core.parts.distributions import scale_experiment
from core.parts.entropy import head_ranking as part10c
from core.parts.entropy import heads_off as part10b
from core.parts.entropy import numbers as part10
from core.parts.heads import numbers as part3
from core.parts.heads import overview as part3b
from core.parts.raw_scores import first_token as part4c
from core.parts.raw_scores import first_token_experiment
from core.parts.raw_scores import head_pairs as part4b
from core.parts.raw_scores import numbers as part4
from core.parts.raw_scores_by_layer import numbers as part5
from core.parts.scaling import numbers as part1
from core.parts.softmax import attention as part7b
from core.parts.softmax import attention_maps as part7c
from core.parts.softmax import mask_experiment
from core.parts.softmax import numbers as part7
from core.parts.softmax_by_layer import numbers as part8
from core.parts.softmax_by_layer import patching as part8c
from core.parts.softmax_by_layer import two_texts as part8b
from core.progress import Progress, silent
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
    "measure": "to_previous",
    "mask_size": 7,
    "normalisation": "own_width",
    "sizes_from": 8,
    "sizes_to": 20,
    "sigma": 0.5,
    "seed": 3,
    "size": 12,
    "list_length": 7,
    "cut": 3,
    "averaged": "layers",
    "mask_kind": "window",
    "window": 3,
    "mask_layers": "one",
    "divisor": "number",
    "divided_by": 2.0,
    "scale_layers": "one",
    "first_look": "onlyfirst",
    "first_layers": "one",
    "average_layers": "one",
    "other_text": "\ud800 a cat " + TEXT.replace("sat", "lay"),
    "patched": "head",
    "heads_off": "1.2_7.0_1.5_no.head_99.0",
    "off_weights": "textmean",
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


EXPERIMENTS: dict[str, Callable[[ViewState], Intervention]] = {
    "averaged_heads": averaged_heads.intervention,
    "heads_off": lambda state: part10b.intervention(
        part10b.read_heads(state.heads_off, state.layer_count, state.head_count), state.off_weights
    ),
    "first_token_experiment": first_token_experiment.intervention,
    "mask_experiment": mask_experiment.intervention,
    "scale_experiment": scale_experiment.intervention,
}
"""What an experiment changes, by its name."""


def said_by(model: Path, shown: Capture, intervention: Intervention) -> dict[str, object]:
    """What the model says as it is and changed, under the names that the programs of experiments have for it."""
    loaded, both = load(str(model)), {"before": UNCHANGED, "after": intervention}
    said = dict(says(loaded, shown.token_ids, tuple(both.values())))
    entropies = (part10.attention_entropy(capture(loaded, shown.text, one)).by_layer for one in both.values())
    named: dict[str, object] = {f"entropy_{side}": one for side, one in zip(both, entropies, strict=True)}
    names = ("losses", "next_ids", "next_probability")
    return named | {f"{side}_{name}": getattr(said[place], name) for place, side in enumerate(both) for name in names}


class Held(Resident):
    """Holds a model of any folder, whatever is asked for."""

    def __init__(self, loaded: LoadedModel):
        super().__init__()
        self.loaded = loaded

    @contextmanager
    def using(self, name: str, progress: Progress = silent) -> Iterator[InMemory]:
        yield InMemory(self.loaded, None)


def compared(part: str, model: Path, shown: Capture, state: ViewState) -> dict[str, object]:
    """What the lab shows of the text and another one."""
    experiments = Experiments(Held(load(str(model))))
    a, b = (experiments.of_text(shown, text) for text in (state.other_text, shown.text))  # as the model alone runs them
    if part == "two_texts":
        two = part8b.two_texts(a, b)
        return two._asdict() | two.alignment._asdict()
    pair = part8c.pair_of(a, b)
    patched = part8c.patching(experiments, pair, pair.intervention(state), state.layer)
    return patched._asdict() | said_by(model, shown, pair.intervention(state))


def expected(part: str, shown: Capture, state: ViewState) -> dict[str, object]:
    """What the study says, by the names in the program's file; a Histogram for a density."""
    results = {
        "scaling": lambda: part1.scaling(state.sizes_from, state.sizes_to, state.seed, state.sigma),
        "heads": lambda: part3.heads(shown, state.layer, state.activation),
        "overview": lambda: part3b.overview(shown),
        "softmax": lambda: part7.masking(state.mask_size),
        "attention_maps": lambda: part7c.head_maps(shown, state.layer, state.head),
        "averaging": lambda: part9.averaging(shown, state.layer, state.normalisation),
        "group_means": lambda: part9b.group_means(state.list_length, state.cut),
        "head_pairs": lambda: part4b.head_pairs(shown, state.layer),
        "first_token": lambda: part4c.first_token(shown, state.layer, state.query),
        "entropy": lambda: part10.attention_entropy(shown),
    }
    if part in results:
        named = results[part]()._asdict()
        if part == "scaling":
            named |= part1.saturation(state.size, state.seed, state.sigma)._asdict()
        if part == "first_token":
            named |= named["by_layer"]._asdict()
        return named
    if part == "tokens":
        return {
            "tokens": shown.token_ids,
            "next_ids": shown.next_ids,
            "next_probability": shown.next_probability,
        }
    named = {}
    if part == "average_order":
        order = part9c.average_order(shown, state.layer, state.query, state.averaged)
        names = ("distance_by_layer", "entropy_of_mean_by_layer", "entropy_of_one_by_layer")
        return order._asdict() | dict(zip(names, order.by_layer, strict=True))
    if part == "raw_scores":
        four = part4.raw_score_samples(shown, state.layer, state.query, state.skip_first)
        loops = reference.last_query_scores(shown, state.layer, state.query, state.skip_first)
        for name, values in zip(("within", "across"), loops, strict=True):
            density = getattr(four, f"{name}_density")
            named |= {name: getattr(four, name).values, f"{name}_edges": density.edges}
            named[f"{name}_density"] = Histogram([values], f"{name}_edges", density, closed=True)
        return named
    if part == "raw_scores_by_layer":
        five = part5.raw_scores_by_layer(shown, state.query, state.skip_first)
        loops = reference.part5(shown, state.query, state.skip_first).histograms
        named = {name: Histogram(loops[f"part5_{name}"], "edges", getattr(five, name)) for name in ("within", "across")}
        return named | {"edges": five.within.edges}
    if part == "distributions":
        six, loops = part6.score_distributions(shown, state.causal), reference.part6(shown, state.causal).histograms
        return {
            "mean": six.mean,
            "std": six.sd,
            "raw_edges": six.raw.edges,
            "raw_density": Histogram(loops["part6_raw_density"], "raw_edges", six.raw),
            "softmax_edges": six.softmax.edges,
            "softmax_density": Histogram(loops["part6_softmax_density"], "softmax_edges", six.softmax, closed=True),
        }
    if part == "attention":
        seven = part7b.attention(shown, state.layer)
        return {name: getattr(seven, name).values for name in ("final_to_previous", "self_attention", "first_to_self")}
    assert part == "softmax_by_layer"
    eight, values = part8.attention_by_layer(shown).density, reference.part8(shown).histograms["part8_density"]
    return {"edges": eight.edges, "density": Histogram(values, "edges", eight, closed=True)}


def assert_counts(density: np.ndarray, values: Sequence[np.ndarray], edges: np.ndarray, closed: bool) -> None:
    """Densities, row by row, that differ from numpy's only by values within the tolerance of an edge."""
    rows = density.reshape(len(values), -1)
    for row, one, ends in zip(rows, values, np.broadcast_to(edges, (len(rows), edges.shape[-1])), strict=True):
        assert_same_histogram(row, one, ends, closed=closed)


def assert_agree(got: Mapping[str, np.ndarray], wanted: Mapping[str, object], part: str) -> None:
    """What a program stores is what the lab shows, to the agreement of `tests.parity`."""
    for name, array in got.items():
        if part == "raw_scores_by_layer" and name not in wanted:  # over the layers of what is stored beside them
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
            least = np.asarray(wanted["loss"]) if name == "rise" else 0  # a difference of losses is as good as they
            assert_close(array, np.asarray(one), f"{part}: {name}", float(least))


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
        if part == "head_ranking":
            wanted = part10c.head_ranking(Experiments(Held(load(str(model)))), shown, state.off_weights)._asdict()
        elif part in ("two_texts", "patching"):
            wanted = compared(part, model, shown, state)
        elif experiment := EXPERIMENTS.get(part):
            wanted = said_by(model, shown, experiment(state))
        else:
            wanted = expected(part, shown, state)
        assert_agree(got, wanted, part)


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


OTHER_KINDS = {
    "llama": llama_config(),
    "gemma2": tiny_config("gemma2", initializer_range=0.5, **WINDOW_AND_CAP),
}
CHANGES: Intervention = (
    Change(divide="rootembedding", layers=(0, 1)),
    Change(mask="nofirst", layers=(0,)),
    Change(divide=0.5, layers=(0,), queries=(3, 7)),
    Change(weights="textmean", heads=(2,)),
    Change(mask="window", window=3, layers=(1,)),
)


@pytest.mark.parametrize("kind", ["shipped", "llama", "gemma2"])
def test_programs_change_the_run_as_the_lab_did(kind: str, tmp_path: Path) -> None:
    model = SHIPPED_FOLDER if kind == "shipped" else store(OTHER_KINDS[kind], tmp_path / kind)
    shown = capture(load(str(model)), TEXT[:60], CHANGES)
    parts = [part for part in PROGRAMS if read(path_of(part)).local == RUN]
    assert_reproduces(shown, state_for(shown, layer=1), model, tmp_path, parts)


@pytest.mark.parametrize(
    "config",
    [
        gpt2_config(scale_attn_by_inverse_layer_idx=True),
        OTHER_KINDS["gemma2"],
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
