"""The difference of two views against plain loops."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.model.capture import Capture
from core.parts.difference import Chart, DensityDifference, Difference, Incomparable
from core.parts.distributions import numbers as part6
from core.parts.raw_scores import numbers as part4
from core.parts.raw_scores_by_layer import numbers as part5
from core.parts.softmax import attention as part7b
from core.parts.softmax import attention_maps as part7c
from core.parts.softmax.difference import HeadMapsDifference
from core.parts.softmax_by_layer import numbers as part8
from tests import reference
from tests.captures import random_capture, unlike_gpt2
from tests.differences import samples_of, subtract
from tests.parity import assert_close, assert_same_histogram

TEXTS = {"one token": (3, 2, 1), "two tokens": (3, 2, 2), "short": (3, 4, 13), "one head": (3, 1, 9)}


def two(layers: int = 3, heads: int = 4, tokens: int = 13, more: int = 0) -> tuple[Capture, Capture]:
    """Two captures that differ; the second has `more` tokens."""
    return (
        random_capture(layers, heads, tokens, 5, spread=1.5, seed=1),
        random_capture(layers, heads, tokens + more, 5, spread=2.5, shift=0.3, seed=2),
    )


def assert_difference(got: Difference, a: list[float], b: list[float]) -> None:
    """The densities of both sides, on bins that hold or leave out what lies at an outer edge."""
    for density, values in ((got.a, a), (got.b, b)):
        assert_same_histogram(density, np.array(values), got.edges, closed=False)
    np.testing.assert_array_equal(got.density, got.b - got.a)


def test_part4_counts_both_sides_on_bins_of_both_together() -> None:
    a, b = two(more=5)
    got = subtract("raw_scores", part4.raw_score_samples(a, 0), part4.raw_score_samples(b, 2))
    for name, one in enumerate(samples_of(got).values()):
        sides = [list(map(float, reference.last_query_scores(*where)[name])) for where in ((a, 0), (b, 2))]
        assert_difference(one, *sides)
        pooled = np.array(sides[0] + sides[1])
        expected = np.histogram_bin_edges(pooled, bins="fd")
        assert len(one.edges) == len(expected)
        assert_close(one.edges, expected)


def test_moved_is_the_share_that_changes_its_bin() -> None:
    one = Difference(np.array([0.0, 0.5, 1.0]), np.array([2.0, 0.0]), np.array([0.5, 1.5]))
    assert one.moved == pytest.approx(0.75)
    assert one.centres.tolist() == [0.25, 0.75]
    apart = Difference(np.array([0.0, 1.0, 2.0]), np.array([[1.0, 0], [1, 0]]), np.array([[0, 1.0], [1, 0]]))
    assert apart.moved.tolist() == [1, 0]


def test_part5_subtracts_layer_by_layer_and_the_means() -> None:
    a, b = two(more=4)
    got = subtract("raw_scores_by_layer", part5.raw_scores_by_layer(a), part5.raw_scores_by_layer(b))
    samples = samples_of(got)
    for name in ("within", "across"):
        one, mean = samples[name], samples[f"{name}_mean"]
        sides = [reference.part5(capture).histograms[f"part5_{name}"] for capture in (a, b)]
        for layer in range(3):
            row = Difference(one.edges, one.a[layer], one.b[layer])
            assert_difference(row, *(list(map(float, side[layer])) for side in sides))
        for column in range(100):
            assert mean.density[column] == pytest.approx(sum(row[column] for row in one.density) / 3)


def test_part5_with_other_layers_leaves_the_means() -> None:
    a, b = two()[0], random_capture(5, 2, 9, 3)
    got = subtract("raw_scores_by_layer", part5.raw_scores_by_layer(a), part5.raw_scores_by_layer(b))
    assert [len(chart.samples) for chart in got.charts] == [0, 0, 2]
    expected = part5.raw_scores_by_layer(b).within_mean - part5.raw_scores_by_layer(a).within_mean
    np.testing.assert_array_equal(samples_of(got)["within_mean"].density, expected)
    assert "A has 3 layers and B has 5" in got.sentence()


@pytest.mark.parametrize("causal", [False, True])
def test_part6_counts_the_weights_of_both_sides_on_bins_of_both(causal: bool) -> None:
    a, b = two(more=6)
    shown = [part6.score_distributions(capture, causal) for capture in (a, b)]
    told: list[float] = []
    got = subtract("distributions", shown[0], shown[1], (a, b), told.append)
    weights = [
        [list(map(float, reference.all_scores(capture, layer, causal)[1].flat)) for layer in range(3)]
        for capture in (a, b)
    ]
    for layer in range(3):
        edges, sides = got.softmax.edges[layer], [np.array(side[layer]) for side in weights]
        assert_close(edges, np.linspace(min(map(np.min, sides)), max(map(np.max, sides)), 202))
        for values, density in zip(sides, (got.softmax.a[layer], got.softmax.b[layer]), strict=True):
            half = 0.5 / len(values) / (edges[1] - edges[0])  # of one count, where a bin is empty
            assert density.min() == pytest.approx(half)
            assert_same_histogram(np.where(density > 1.5 * half, density, 0), values, edges, closed=True)
    ratio = math.log10(got.softmax.b[1, 0] / got.softmax.a[1, 0])
    assert got.softmax_ratio[1, 0] == pytest.approx(ratio)
    for name in ("mean", "sd"):
        np.testing.assert_allclose(getattr(got, name), getattr(shown[1], name) - getattr(shown[0], name))
    assert told == sorted(told)
    assert told[-1] == 1


def test_part6_shows_no_difference_where_a_layer_has_one_weight() -> None:
    a, b = two()
    for capture in (a, b):
        capture.query[1] = 0  # every score of the layer is 0, every weight 1/13
    shown = [part6.score_distributions(capture) for capture in (a, b)]
    got = subtract("distributions", shown[0], shown[1], (a, b))
    assert not got.softmax.a[1].any()
    assert not got.softmax_ratio[1].any()
    assert got.softmax_ratio[0].any()
    assert np.isfinite(got.softmax_ratio).all()


def test_part6_stops_when_nobody_wants_it() -> None:
    a, b = two()
    shown = [part6.score_distributions(capture) for capture in (a, b)]

    def stop(fraction: float) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        subtract("distributions", shown[0], shown[1], (a, b), stop)


def test_part7_counts_both_sides_on_part_8s_bins() -> None:
    a, b = two(more=3)
    got = subtract("attention", part7b.attention(a, 1), part7b.attention(b, 0))
    assert samples_of(got)["final_to_previous"].edges.tolist() == part8.attention_by_layer(a).density.edges.tolist()
    sides = [reference.attention_samples(a, 1), reference.attention_samples(b, 0)]
    for index, one in enumerate(samples_of(got).values()):
        assert_difference(one, *(list(map(float, side[index].flat)) for side in sides))


def test_part7s_maps_are_subtracted_cell_by_cell() -> None:
    a, b = two()
    got = subtract("attention_maps", part7c.head_maps(a, 0, 1), part7c.head_maps(b, 2, 3))
    for name in ("raw", "weights"):
        first, second = getattr(part7c.head_maps(a, 0, 1), name), getattr(part7c.head_maps(b, 2, 3), name)
        for query in range(13):
            for key in range(13):
                assert getattr(got, name)[query, key] == pytest.approx(second[query, key] - first[query, key])
    assert got.hidden.tolist() == [[key > query for key in range(13)] for query in range(13)]


def test_part8_subtracts_the_two_samples_that_can_differ() -> None:
    a, b = two(more=2)
    shown = [part8.attention_by_layer(capture) for capture in (a, b)]
    got = subtract("softmax_by_layer", *shown)
    for index, one in enumerate(samples_of(got).values()):
        sides = [one_shown.density.density[:, index] for one_shown in shown]
        np.testing.assert_array_equal(one.density, sides[1] - sides[0])
        assert one.density.shape == (3, 90)


def test_what_cannot_be_subtracted_says_why() -> None:
    a, more_layers, longer = two()[0], random_capture(5, 4, 13, 5), two(more=4)[1]
    six = [part6.score_distributions(capture) for capture in (a, more_layers)]
    with pytest.raises(Incomparable, match="A has 3 layers and B has 5"):
        subtract("distributions", six[0], six[1], (a, more_layers))
    with pytest.raises(Incomparable, match="A has 3 layers and B has 5"):
        subtract("softmax_by_layer", part8.attention_by_layer(a), part8.attention_by_layer(more_layers))
    with pytest.raises(Incomparable, match="A has 13 tokens and B has 17"):
        subtract("attention_maps", part7c.head_maps(a, 0, 0), part7c.head_maps(longer, 0, 0))
    one = random_capture(3, 2, 1, 5)
    six = [part6.score_distributions(one)] * 2
    with pytest.raises(Incomparable, match="the same"):
        subtract("distributions", six[0], six[1], (one, one))


@pytest.mark.parametrize("shape", TEXTS.values(), ids=list(TEXTS))
def test_short_texts_and_single_heads_give_finite_numbers_and_a_sentence(shape: tuple[int, int, int]) -> None:
    layers, heads, tokens = shape
    a, b = random_capture(layers, heads, tokens, 5), random_capture(layers, 2, 11, 5, spread=2)
    results = [
        subtract("raw_scores", part4.raw_score_samples(a, 0), part4.raw_score_samples(b, 0)),
        subtract("raw_scores_by_layer", part5.raw_scores_by_layer(a), part5.raw_scores_by_layer(b)),
        subtract("distributions", part6.score_distributions(a), part6.score_distributions(b), (a, b)),
        subtract("attention", part7b.attention(a, 0), part7b.attention(b, 0)),
        subtract("softmax_by_layer", part8.attention_by_layer(a), part8.attention_by_layer(b)),
    ]
    for result in results:
        samples = samples_of(result).values() if isinstance(result, DensityDifference) else (result.raw, result.softmax)
        for one in samples:
            assert np.isfinite(one.density).all()
        assert "nan" not in result.sentence()


def test_the_sentence_names_the_layer_and_the_cell_that_differ_most() -> None:
    hidden = np.triu(np.ones((3, 3), bool), k=1)
    weights = np.array([[0.0, 9.0, 0.0], [0.2, -0.4, 0.0], [0.1, 0.0, 0.0]])
    said = HeadMapsDifference(weights, weights, hidden).sentence()
    assert "query token 1 looks at key token 1: B − A = −0.4" in said
    edges = np.array([0.0, 1.0, 2.0])
    final = Difference(edges, np.array([[1.0, 0], [1, 0]]), np.array([[1.0, 0], [0.5, 0.5]]))
    own = Difference(edges, np.array([[1.0, 0], [1, 0]]), np.array([[0.8, 0.2], [1, 0]]))
    charts = (Chart("part8-final-difference", "Final to previous: B − A", {"final_to_previous": final}),)
    said = DensityDifference(charts, {"the weights of the last token": final, "those of the others": own}).sentence()
    assert said == (
        "To make B's distribution of A's, up to 50 % (layer 1) of the weights of the last token would have to move to "
        "another bin, and up to 20 % (layer 0) of those of the others."
    )


def test_a_cell_that_one_of_two_masks_leaves_has_a_difference():
    a = random_capture(3, 2, 9, 4, spread=2.0)
    b = unlike_gpt2(a)
    causal, window, everything = (part7c.head_maps(b, layer, 0) for layer in range(3))
    got = subtract("attention_maps", window, everything)
    assert not got.hidden.any()
    np.testing.assert_array_equal(got.weights, everything.weights - window.weights)
    np.testing.assert_array_equal(subtract("attention_maps", causal, window).hidden, causal.hidden)
