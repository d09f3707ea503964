"""The difference of two views against plain loops."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core import compare, study
from core.capture import Capture
from core.compare_sentences import sentence
from tests import reference
from tests.captures import random_capture, unlike_gpt2
from tests.parity import assert_close, assert_same_histogram

TEXTS = {"one token": (3, 2, 1), "two tokens": (3, 2, 2), "short": (3, 4, 13), "one head": (3, 1, 9)}


def two(layers: int = 3, heads: int = 4, tokens: int = 13, more: int = 0) -> tuple[Capture, Capture]:
    """Two captures that differ; the second has `more` tokens."""
    return (
        random_capture(layers, heads, tokens, 5, spread=1.5, seed=1),
        random_capture(layers, heads, tokens + more, 5, spread=2.5, shift=0.3, seed=2),
    )


def assert_difference(got: compare.Difference, a: list[float], b: list[float]) -> None:
    """The densities of both sides, on bins that hold or leave out what lies at an outer edge."""
    for density, values in ((got.a, a), (got.b, b)):
        assert_same_histogram(density, np.array(values), got.edges, closed=False)
    np.testing.assert_array_equal(got.density, got.b - got.a)


def test_part4_counts_both_sides_on_bins_of_both_together() -> None:
    a, b = two(more=5)
    got = compare.raw_scores_difference(study.raw_score_samples(a, 0), study.raw_score_samples(b, 2))
    for one, name in ((got.within, 0), (got.across, 1)):
        sides = [list(map(float, reference.last_query_scores(*where)[name])) for where in ((a, 0), (b, 2))]
        assert_difference(one, *sides)
        pooled = np.array(sides[0] + sides[1])
        expected = np.histogram_bin_edges(pooled, bins="fd")
        assert len(one.edges) == len(expected)
        assert_close(one.edges, expected)


def test_moved_is_the_share_that_changes_its_bin() -> None:
    one = compare.Difference(np.array([0.0, 0.5, 1.0]), np.array([2.0, 0.0]), np.array([0.5, 1.5]))
    assert one.moved == pytest.approx(0.75)
    assert one.centres.tolist() == [0.25, 0.75]
    apart = compare.Difference(np.array([0.0, 1.0, 2.0]), np.array([[1.0, 0], [1, 0]]), np.array([[0, 1.0], [1, 0]]))
    assert apart.moved.tolist() == [1, 0]


def test_part5_subtracts_layer_by_layer_and_the_means() -> None:
    a, b = two(more=4)
    got = compare.raw_scores_by_layer_difference(study.raw_scores_by_layer(a), study.raw_scores_by_layer(b))
    assert got.within is not None
    assert got.across is not None
    for one, mean, name in (
        (got.within, got.within_mean, "part5_within"),
        (got.across, got.across_mean, "part5_across"),
    ):
        sides = [reference.part5(capture).histograms[name] for capture in (a, b)]
        for layer in range(3):
            row = compare.Difference(one.edges, one.a[layer], one.b[layer])
            assert_difference(row, *(list(map(float, side[layer])) for side in sides))
        for column in range(100):
            assert mean.density[column] == pytest.approx(sum(row[column] for row in one.density) / 3)


def test_part5_with_other_layers_leaves_the_means() -> None:
    a, b = two()[0], random_capture(5, 2, 9, 3)
    got = compare.raw_scores_by_layer_difference(study.raw_scores_by_layer(a), study.raw_scores_by_layer(b))
    assert (got.layers, got.within, got.across) == ((3, 5), None, None)
    expected = study.raw_scores_by_layer(b).within_mean - study.raw_scores_by_layer(a).within_mean
    np.testing.assert_array_equal(got.within_mean.density, expected)
    assert "A has 3 layers and B has 5" in sentence(got)


@pytest.mark.parametrize("causal", [False, True])
def test_part6_counts_the_weights_of_both_sides_on_bins_of_both(causal: bool) -> None:
    a, b = two(more=6)
    shown = [study.score_distributions(capture, causal) for capture in (a, b)]
    told: list[float] = []
    got = compare.score_distributions_difference((a, shown[0]), (b, shown[1]), told.append)
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
    shown = [study.score_distributions(capture) for capture in (a, b)]
    got = compare.score_distributions_difference((a, shown[0]), (b, shown[1]), lambda _: None)
    assert not got.softmax.a[1].any()
    assert not got.softmax_ratio[1].any()
    assert got.softmax_ratio[0].any()
    assert np.isfinite(got.softmax_ratio).all()


def test_part6_stops_when_nobody_wants_it() -> None:
    a, b = two()
    shown = [study.score_distributions(capture) for capture in (a, b)]

    def stop(fraction: float) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        compare.score_distributions_difference((a, shown[0]), (b, shown[1]), stop)


def test_part7_counts_both_sides_on_part_8s_bins() -> None:
    a, b = two(more=3)
    got = compare.attention_difference(study.attention(a, 1), study.attention(b, 0))
    assert got.final_to_previous.edges.tolist() == study.attention_by_layer(a).density.edges.tolist()
    sides = [reference.attention_samples(a, 1), reference.attention_samples(b, 0)]
    for index, one in enumerate(got):
        assert_difference(one, *(list(map(float, side[index].flat)) for side in sides))


def test_part7s_maps_are_subtracted_cell_by_cell() -> None:
    a, b = two()
    got = compare.head_maps_difference(study.head_maps(a, 0, 1), study.head_maps(b, 2, 3))
    for name in ("raw", "weights"):
        first, second = getattr(study.head_maps(a, 0, 1), name), getattr(study.head_maps(b, 2, 3), name)
        for query in range(13):
            for key in range(13):
                assert getattr(got, name)[query, key] == pytest.approx(second[query, key] - first[query, key])
    assert got.hidden.tolist() == [[key > query for key in range(13)] for query in range(13)]


def test_part8_subtracts_the_two_samples_that_can_differ() -> None:
    a, b = two(more=2)
    shown = [study.attention_by_layer(capture) for capture in (a, b)]
    got = compare.attention_by_layer_difference(*shown)
    for index, one in enumerate(got):
        sides = [one_shown.density.density[:, index] for one_shown in shown]
        np.testing.assert_array_equal(one.density, sides[1] - sides[0])
        assert one.density.shape == (3, 90)


def test_what_cannot_be_subtracted_says_why() -> None:
    a, more_layers, longer = two()[0], random_capture(5, 4, 13, 5), two(more=4)[1]
    six = [study.score_distributions(capture) for capture in (a, more_layers)]
    with pytest.raises(compare.Incomparable, match="A has 3 layers and B has 5"):
        compare.score_distributions_difference((a, six[0]), (more_layers, six[1]), lambda _: None)
    with pytest.raises(compare.Incomparable, match="A has 3 layers and B has 5"):
        compare.attention_by_layer_difference(study.attention_by_layer(a), study.attention_by_layer(more_layers))
    with pytest.raises(compare.Incomparable, match="A has 13 tokens and B has 17"):
        compare.head_maps_difference(study.head_maps(a, 0, 0), study.head_maps(longer, 0, 0))
    one = random_capture(3, 2, 1, 5)
    six = [study.score_distributions(one)] * 2
    with pytest.raises(compare.Incomparable, match="the same"):
        compare.score_distributions_difference((one, six[0]), (one, six[1]), lambda _: None)


@pytest.mark.parametrize("shape", TEXTS.values(), ids=list(TEXTS))
def test_short_texts_and_single_heads_give_finite_numbers_and_a_sentence(shape: tuple[int, int, int]) -> None:
    layers, heads, tokens = shape
    a, b = random_capture(layers, heads, tokens, 5), random_capture(layers, 2, 11, 5, spread=2)
    results = [
        compare.raw_scores_difference(study.raw_score_samples(a, 0), study.raw_score_samples(b, 0)),
        compare.raw_scores_by_layer_difference(study.raw_scores_by_layer(a), study.raw_scores_by_layer(b)),
        compare.score_distributions_difference(
            (a, study.score_distributions(a)), (b, study.score_distributions(b)), lambda _: None
        ),
        compare.attention_difference(study.attention(a, 0), study.attention(b, 0)),
        compare.attention_by_layer_difference(study.attention_by_layer(a), study.attention_by_layer(b)),
    ]
    for result in results:
        for one in result:
            if isinstance(one, compare.Difference):
                assert np.isfinite(one.density).all()
        assert "nan" not in sentence(result)


def test_the_sentence_names_the_layer_and_the_cell_that_differ_most() -> None:
    hidden = np.triu(np.ones((3, 3), bool), k=1)
    weights = np.array([[0.0, 9.0, 0.0], [0.2, -0.4, 0.0], [0.1, 0.0, 0.0]])
    said = sentence(compare.HeadMapsDifference(weights, weights, hidden))
    assert "query token 1 looks at key token 1: B − A = −0.4" in said
    edges = np.array([0.0, 1.0, 2.0])
    final = compare.Difference(edges, np.array([[1.0, 0], [1, 0]]), np.array([[1.0, 0], [0.5, 0.5]]))
    own = compare.Difference(edges, np.array([[1.0, 0], [1, 0]]), np.array([[0.8, 0.2], [1, 0]]))
    said = sentence(compare.AttentionByLayerDifference(final, own))
    assert "50 % in layer 1" in said
    assert "20 % in layer 0" in said


def test_a_cell_that_one_of_two_masks_leaves_has_a_difference():
    a = random_capture(3, 2, 9, 4, spread=2.0)
    b = unlike_gpt2(a)
    causal, window, everything = (study.head_maps(b, layer, 0) for layer in range(3))
    got = compare.head_maps_difference(window, everything)
    assert not got.hidden.any()
    np.testing.assert_array_equal(got.weights, everything.weights - window.weights)
    np.testing.assert_array_equal(compare.head_maps_difference(causal, window).hidden, causal.hidden)
