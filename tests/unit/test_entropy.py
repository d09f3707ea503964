"""Part 10 against the plain loops, and the difference of two views."""

from __future__ import annotations

import numpy as np
import pytest

from core.parts.difference import Incomparable
from core.parts.entropy.numbers import attention_entropy
from tests import reference
from tests.captures import random_capture, unlike_gpt2
from tests.differences import subtract
from tests.parity import assert_close

SHAPES = {"usual": (3, 4, 13, 5), "one layer": (1, 2, 9, 4), "one head": (3, 1, 9, 4), "two tokens": (2, 3, 2, 4)}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=list(SHAPES))
def test_every_head_as_plain_loops_see_it(shape: tuple[int, int, int, int]) -> None:
    capture = random_capture(*shape, spread=2.0)
    got, expected = attention_entropy(capture), reference.part10(capture).arrays
    assert got.entropy.shape == shape[:2]
    assert_close(got.entropy, expected["part10_entropy"])
    assert_close(got.by_layer, expected["part10_by_layer"])


def test_follows_the_models_own_masks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.attention.scores.BLOCK", 40)  # a few rows of one head
    capture = unlike_gpt2(random_capture(3, 2, 9, 4, spread=2.0))
    assert_close(attention_entropy(capture).entropy, reference.part10(capture).arrays["part10_entropy"])


def test_runs_from_one_token_to_all_alike() -> None:
    capture = random_capture(2, 2, 6, 4)
    capture.query[0] = 0  # all scores alike
    capture.query[1] *= 1e4
    entropy = attention_entropy(capture).entropy
    np.testing.assert_allclose(entropy[0], 1, atol=1e-6)
    np.testing.assert_allclose(entropy[1], 0, atol=1e-6)


def test_one_token_leaves_no_choice() -> None:
    result = attention_entropy(random_capture(2, 3, 1, 4))
    assert np.isnan(result.entropy).all()
    assert result.sentence() == "Every token of this text sees itself alone, so no head can choose: run a longer text."


def test_the_sentence_names_heads_and_layers() -> None:
    heads, layers = np.array([[0.5, 0.25], [0.75, 1], [0.5, 0.5]]), np.array([0.375, 0.875, 0.5])
    result = attention_entropy(random_capture(3, 2, 9, 4))._replace(entropy=heads, by_layer=layers)
    assert result.sentence() == (
        "Layer 0, head 1 looks at fewest tokens: its entropy is 25 % of what equal weights would have; layer 1, head 1 "
        "looks at most, 100 %. Averaged over 2 heads, attention is narrowest in layer 0 (37.5 %) and widest in layer 1 "
        "(87.5 %)."
    )


def test_tables_have_every_head_and_layer() -> None:
    result = attention_entropy(random_capture(3, 2, 9, 4))
    heads, layers = (table.columns() for table in result.tables(()))
    assert (heads["layer"].tolist(), heads["head"].tolist()) == ([0, 0, 1, 1, 2, 2], [0, 1] * 3)
    assert heads["entropy"].tolist() == result.entropy.ravel().tolist()
    assert layers["entropy"].tolist() == result.by_layer.tolist()


def test_the_difference_is_taken_head_by_head() -> None:
    a, b = (attention_entropy(random_capture(3, 2, tokens, 4, seed=tokens)) for tokens in (9, 12))
    got = subtract("entropy", a, b)
    np.testing.assert_array_equal(got.entropy, b.entropy - a.entropy)
    np.testing.assert_array_equal(got.by_layer, b.by_layer - a.by_layer)
    assert "B − A: entropy differs most in layer" in got.sentence()
    with pytest.raises(Incomparable, match="A has 3 layers and B has 5"):
        subtract("entropy", a, attention_entropy(random_capture(5, 2, 9, 4)))
    with pytest.raises(Incomparable, match="A has 2 heads a layer and B has 4"):
        subtract("entropy", a, attention_entropy(random_capture(3, 4, 9, 4)))
