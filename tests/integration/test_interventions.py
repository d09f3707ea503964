"""Interventions against slow references in which the same change is made by hand, and the model as it is afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy import ndarray

from core.attention.intervention import BadIntervention, Change, Divisor, Intervention, Scores
from core.model.capture import capture
from core.model.catalogue import SHIPPED_FOLDER
from core.model.effects import run, says
from core.model.experiments import Experiments
from core.model.facts import LoadedModel
from core.model.loading import load
from core.model.resident import InMemory, Resident
from core.model.tokens import tokenise
from core.parts.entropy.head_ranking import without
from core.parts.entropy.heads_off import intervention as heads_off
from core.parts.softmax_by_layer.patching import pair_of
from core.progress import Progress, silent
from tests import by_hand
from tests.by_hand import Weigh, Where, eager_by_hand, gpt2_by_hand, unchanged, weigh
from tests.families import tiny_config
from tests.tiny_models import gpt2_config, llama_config, store

CLOSE = 1e-4
TEXT = "the cat sat on the mat; violet is a color"
OTHER = "the dog sat on the mat; violet is a color"
GEMMA2 = {"sliding_window": 4, "attn_logit_softcapping": 2.0, "query_pre_attn_scalar": 64, "initializer_range": 0.3}
CONFIGS = {"gpt2": gpt2_config(), "llama": llama_config(), "gemma2": tiny_config("gemma2", **GEMMA2)}


@pytest.fixture(scope="module", params=["shipped", *CONFIGS])
def loaded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> LoadedModel:
    name = request.param
    folder: Path = SHIPPED_FOLDER if name == "shipped" else store(CONFIGS[name], tmp_path_factory.mktemp(name))
    return load(str(folder))


def ids(loaded: LoadedModel, text: str = TEXT) -> ndarray:
    return tokenise(loaded.tokenizer, text)


def reference(loaded: LoadedModel, token_ids: ndarray) -> Callable[[Weigh], ndarray]:
    """Logits of the text with weights made by hand."""
    if loaded.model.config.model_type != "gpt2":
        return lambda weigh_layer: eager_by_hand(loaded.model, token_ids, weigh_layer)
    weights = {name: tensor.numpy() for name, tensor in loaded.model.state_dict().items()}
    return lambda weigh_layer: gpt2_by_hand(weights, loaded.model.config, token_ids, weigh_layer)


def log_probability(logits: ndarray) -> ndarray:
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def logits(loaded: LoadedModel, token_ids: ndarray, *changes: Change) -> ndarray:
    return run(loaded, token_ids, [changes], 0)[0].double().numpy()


HERE: dict[str, Any] = {"layers": (1,)}
ROWS: dict[str, Any] = {"layers": (0, 1), "heads": (1, 3), "queries": (2, 5, 6)}
KINDS: dict[str, tuple[dict[str, Any], by_hand.Change | None, by_hand.WeightChange | None]] = {
    "divide by 1": ({"divide": 1.0}, by_hand.divided_by(1.0), None),
    "divide by 7.5": ({"divide": 7.5}, by_hand.divided_by(7.5), None),
    "no mask": ({"mask": "none"}, by_hand.no_mask, None),
    "window of 1": ({"mask": "window", "window": 1}, by_hand.last_tokens(1), None),
    "window of 3": ({"mask": "window", "window": 3}, by_hand.last_tokens(3), None),
    "without the first": ({"mask": "nofirst"}, by_hand.without_first, None),
    "only the first": ({"mask": "onlyfirst"}, by_hand.only_first, None),
    "zero": ({"weights": "zero"}, None, by_hand.zero),
    "mean over the text": ({"weights": "textmean"}, None, by_hand.mean_over_text),
    "mean over the heads": ({"weights": "headmean"}, None, by_hand.mean_over_heads),
    "another row": ({"weights": "row", "row": 4}, None, by_hand.row(4)),
}


@pytest.mark.parametrize("places", [{}, HERE, ROWS], ids=["everywhere", "a layer", "some rows"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_change_is_the_one_made_by_hand(loaded: LoadedModel, kind: str, places: dict[str, Any]) -> None:
    what, change, weight_change = KINDS[kind]
    token_ids = ids(loaded)
    by = reference(loaded, token_ids)
    expected = by(weigh((Where(**places), change, weight_change)))
    got = logits(loaded, token_ids, Change(**what, **places))
    assert np.abs(expected - by(unchanged)).max() > 10 * CLOSE, "the change is too small to be seen"
    np.testing.assert_allclose(got, expected, rtol=0, atol=CLOSE)
    np.testing.assert_allclose(log_probability(got), log_probability(expected), rtol=0, atol=CLOSE)


COMBINED: list[list[tuple[str, dict[str, Any]]]] = [
    [("divide by 1", {"layers": (0,)}), ("no mask", {"layers": (1,)})],
    [("zero", {"layers": (0,), "heads": (2,)}), ("window of 3", {"layers": (1,), "queries": (4, 7)})],
    [("divide by 1", HERE), ("without the first", HERE), ("mean over the text", HERE | {"heads": (0, 1)})],
]


@pytest.mark.parametrize("together", COMBINED, ids=["+".join(kind for kind, _ in each) for each in COMBINED])
def test_changes_go_together(loaded: LoadedModel, together: list[tuple[str, dict[str, Any]]]) -> None:
    token_ids = ids(loaded)
    expected = reference(loaded, token_ids)(weigh(*((Where(**at), *KINDS[kind][1:]) for kind, at in together)))
    got = logits(loaded, token_ids, *(Change(**KINDS[kind][0], **at) for kind, at in together))
    np.testing.assert_allclose(got, expected, rtol=0, atol=CLOSE)


@pytest.mark.parametrize("places", [{}, HERE], ids=["everywhere", "a layer"])
@pytest.mark.parametrize("divisor", ["rootwidth", "rootembedding", "width"])
def test_divisors_by_name_are_those_of_heads_and_all_of_them(
    loaded: LoadedModel, divisor: Divisor, places: dict[str, Any]
) -> None:
    shown = capture(loaded, TEXT)
    embedding = shown.query.shape[2]
    by_name = {"rootwidth": shown.head_width**0.5, "rootembedding": embedding**0.5, "width": embedding / shown.heads}
    change = by_hand.divided_by(by_name[divisor])
    expected = reference(loaded, ids(loaded))(weigh((Where(**places), change, None)))
    got = logits(loaded, ids(loaded), Change(divide=divisor, **places))
    np.testing.assert_allclose(got, expected, rtol=0, atol=CLOSE)


@pytest.mark.parametrize("places", [{"layers": (1,)}, {"layers": (1,), "heads": (2,)}], ids=["a layer", "a head"])
def test_scores_of_another_text_are_those_of_its_own_run(loaded: LoadedModel, places: dict[str, Any]) -> None:
    here, there = ids(loaded), ids(loaded, OTHER)
    pairs = [(token, token) for token in range(min(len(here), len(there))) if here[token] == there[token]]
    kept: list[by_hand.Layer] = []
    reference(loaded, there)(lambda layer: kept.append(layer) or unchanged(layer))
    products = by_hand.products_from([layer.products for layer in kept], pairs)
    expected = reference(loaded, here)(weigh((Where(**places), products, None)))
    given = {}
    for layer in kept:
        raw = by_hand.scores(layer)
        given[layer.number] = np.full((len(raw), len(here), len(here)), np.nan)
        for query, other_query in pairs:
            for key, other_key in pairs:
                given[layer.number][:, query, key] = raw[:, other_query, other_key]
    got = logits(loaded, here, Change(scores=Scores(given), **places))
    assert np.abs(expected - reference(loaded, here)(unchanged)).max() > CLOSE
    np.testing.assert_allclose(got, expected, rtol=0, atol=CLOSE)


def test_patching_gives_b_the_scores_of_a_whatever_was_inserted(loaded: LoadedModel) -> None:
    a, b = capture(loaded, f"see, {OTHER}"), capture(loaded, TEXT)
    pair = pair_of(a, b)
    partners = list(zip(pair.partners.of_a.tolist(), pair.partners.of_b.tolist(), strict=True))
    assert any(here != there for here, there in partners)
    kept: list[by_hand.Layer] = []
    reference(loaded, a.token_ids)(lambda layer: kept.append(layer) or unchanged(layer))
    products = by_hand.products_from([layer.products for layer in kept], [(there, here) for here, there in partners])
    for layers, heads in ((None, None), ((1,), None), ((1,), (2,))):
        expected = reference(loaded, b.token_ids)(weigh((Where(layers=layers, heads=heads), products, None)))
        got = logits(loaded, b.token_ids, *pair.patched_in(layers, heads))
        assert np.abs(expected - reference(loaded, b.token_ids)(unchanged)).max() > CLOSE
        np.testing.assert_allclose(got, expected, rtol=0, atol=CLOSE)


def outputs(loaded: LoadedModel, intervention: Intervention = ()) -> tuple[ndarray, ndarray]:
    [(_, said)] = says(loaded, ids(loaded), [intervention])
    return said.losses, said.probability


def same(one: Sequence[ndarray], other: Sequence[ndarray]) -> bool:
    return all(np.array_equal(*pair) for pair in zip(one, other, strict=True))


@pytest.mark.parametrize(
    "nothing",
    [
        Change(mask="window", window=512),
        Change(weights="zero", heads=()),
        Change(weights="textmean", queries=()),
        Change(mask="none", layers=()),
    ],
    ids=lambda change: change.words(),
)
def test_what_changes_nothing_gives_the_same_bits(loaded: LoadedModel, nothing: Change) -> None:
    assert same(outputs(loaded, (nothing,)), outputs(loaded))


def test_the_models_own_divisor_gives_the_same_bits(loaded: LoadedModel) -> None:
    own = 1 / float(capture(loaded, TEXT).scale[0])
    for divisor in (own, own * (1 + 1e-7)):  # float32 keeps seven digits
        assert same(outputs(loaded, (Change(divide=divisor),)), outputs(loaded))
    assert not same(outputs(loaded, (Change(divide=1.01 * own),)), outputs(loaded))


MANY: list[Intervention] = [
    (),
    (Change(divide=1.0, layers=(1,)),),
    (Change(weights="zero", layers=(1,), heads=(0,)),),
    (Change(weights="zero", layers=(1,), heads=(3,)), Change(mask="none", layers=(1,))),
    (Change(mask="nofirst", layers=(0,)),),
    (Change(weights="headmean"),),
]


def test_a_batch_says_what_each_says_alone(loaded: LoadedModel) -> None:
    together = dict(says(loaded, ids(loaded), MANY))
    assert sorted(together) == list(range(len(MANY)))
    for place, intervention in enumerate(MANY):
        said = together[place]
        for got, alone in zip((said.losses, said.probability), outputs(loaded, intervention), strict=True):
            np.testing.assert_allclose(got, alone, rtol=0, atol=CLOSE / 10)


class Held(Resident):
    """Holds one model, whatever is asked for."""

    def __init__(self, loaded: LoadedModel):
        super().__init__()
        self.loaded, self.free = loaded, True

    @contextmanager
    def using(self, name: str, progress: Progress = silent) -> Iterator[InMemory]:
        self.free = False
        yield InMemory(self.loaded, None)
        self.free = True


def test_losses_are_remembered_and_between_batches_the_model_is_free(
    loaded: LoadedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    resident, ran = Held(loaded), []
    experiments, shown = Experiments(resident), capture(loaded, TEXT)
    facts = loaded.facts
    heads = [without(layer, head, "zero") for layer in range(facts.layers) for head in range(facts.heads)]

    def counted(*arguments: Any) -> Any:
        ran.append(len(arguments[2]))
        return run(*arguments)

    def stop(place: int, _: Any) -> None:
        assert resident.free
        if place == facts.heads:  # the first of layer 1
            raise RuntimeError("stopped")

    monkeypatch.setattr("core.model.effects.run", counted)
    with pytest.raises(RuntimeError, match="stopped"):
        experiments.losses(shown, heads, stop)
    assert ran == [facts.heads, facts.heads], "a layer's heads together"
    taken: list[int] = []
    found = experiments.losses(shown, heads, lambda place, _: taken.append(place))
    assert ran == [facts.heads] * facts.layers, "what was known is not run again"
    assert taken == list(range(len(heads)))
    for head, losses in zip(heads, found, strict=True):
        np.testing.assert_allclose(losses, outputs(loaded, head)[0], rtol=0, atol=CLOSE / 10)


def test_heads_off_are_the_ones_made_by_hand(loaded: LoadedModel) -> None:
    token_ids, off = ids(loaded), np.zeros((loaded.facts.layers, loaded.facts.heads), bool)
    off[0, [1, 3]] = off[1, 2] = True
    for weights, change in (("zero", by_hand.zero), ("textmean", by_hand.mean_over_text)):
        places = [Where(layers=(0,), heads=(1, 3)), Where(layers=(1,), heads=(2,))]
        expected = reference(loaded, token_ids)(weigh(*((at, None, change) for at in places)))
        got = logits(loaded, token_ids, *heads_off(off, weights))
        np.testing.assert_allclose(got, expected, rtol=0, atol=CLOSE)


def test_the_model_stays_as_it_was(loaded: LoadedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    before, seen, bare = outputs(loaded), capture(loaded, TEXT), bare_logits(loaded)
    weights = {name: tensor.clone() for name, tensor in loaded.model.state_dict().items()}
    list(says(loaded, ids(loaded), MANY))
    assert np.array_equal(bare_logits(loaded), bare)
    stopped = says(loaded, ids(loaded), MANY)
    next(stopped)
    stopped.close()
    with pytest.raises(BadIntervention, match="There is no layer"):
        list(says(loaded, ids(loaded), [(Change(divide=1.0, layers=(99,)),)]))
    with monkeypatch.context() as broken:
        broken.setattr("core.model.seam.changed_attention", fails_in_the_middle)
        with pytest.raises(RuntimeError, match="in the middle"):
            list(says(loaded, ids(loaded), MANY))
    assert np.array_equal(bare_logits(loaded), bare)
    assert same(outputs(loaded), before)
    after = capture(loaded, TEXT)
    assert same((after.query, after.key, after.value), (seen.query, seen.key, seen.value))
    assert all(tensor.equal(weights[name]) for name, tensor in loaded.model.state_dict().items())
    assert not any(module._forward_pre_hooks for module in loaded.model.modules())


def bare_logits(loaded: LoadedModel) -> ndarray:
    """Of a pass that asks for no intervention, nor for none."""
    with torch.inference_mode():
        return loaded.model(input_ids=torch.from_numpy(ids(loaded))[None], use_cache=False).logits.numpy()


def fails_in_the_middle(*_: Any) -> Any:
    raise RuntimeError("in the middle of a pass")
