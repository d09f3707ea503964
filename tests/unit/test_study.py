"""The nine parts against the plain loops, on random captures of several shapes."""

from __future__ import annotations

import time
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.attention.scores import attention_samples
from core.export.files import by_name, study_arrays
from core.parts.distributions import numbers as part6
from core.parts.heads import numbers as part3
from core.parts.raw_scores import numbers as part4
from core.parts.raw_scores_by_layer import numbers as part5
from core.parts.settings import default_layer
from core.parts.softmax import attention as part7b
from core.parts.softmax import attention_maps as part7c
from core.parts.softmax_by_layer import numbers as part8
from core.parts.tokens import numbers as part2
from tests import reference
from tests.captures import random_capture, unlike_gpt2
from tests.parity import TOLERANCE, assert_close, assert_same_histogram, assert_same_study, close_to

SHAPES = [  # L, H, T, d
    (3, 4, 23, 8),
    (2, 3, 12, 5),
    (4, 1, 9, 7),
    (1, 2, 40, 1),
    (2, 6, 3, 4),
    (3, 2, 2, 3),
    (2, 3, 1, 4),
    (1, 1, 1, 1),
    (1, 1, 2, 3),
]


@pytest.mark.parametrize(("layers", "heads", "tokens", "width"), SHAPES)
@pytest.mark.parametrize(("spread", "shift"), [(1.0, 0.0), (3.0, 1.0)])
def test_export_arrays_match_the_loops(layers, heads, tokens, width, spread, shift):
    capture = random_capture(layers, heads, tokens, width, spread=spread, shift=shift)
    layer = layers - 1
    arrays = by_name(study_arrays(capture, layer, mask_size=4))
    assert_same_study(arrays, reference.study(capture, layer, mask_size=4))


@pytest.mark.parametrize("tokens", [1, 2, 9])
@pytest.mark.parametrize("layer", [0, 1, 2])
def test_a_model_with_rules_of_its_own_matches_the_loops(tokens, layer):
    capture = unlike_gpt2(random_capture(3, 2, tokens, 4, spread=2.0))
    assert_same_study(by_name(study_arrays(capture, layer)), reference.study(capture, layer))


def test_part6_counts_what_each_layers_own_mask_leaves(monkeypatch):
    capture = unlike_gpt2(random_capture(3, 2, 9, 4, spread=2.0))
    expected = reference.part6(capture, causal=True).arrays
    for kept in (1 << 20, 0):
        monkeypatch.setattr("core.parts.distributions.numbers.KEPT", kept)
        got = part6.score_distributions(capture, causal=True)
        assert got.raw.n.tolist() == [2 * 45, 2 * 24, 2 * 81]
        assert_close(got.mean, expected["part6_mean"])
        assert_close(got.sd, expected["part6_std"])


@settings(max_examples=50, deadline=None, derandomize=True)  # the same cases in every run
@given(
    layers=st.integers(1, 3),
    heads=st.integers(1, 4),
    tokens=st.integers(1, 12),
    width=st.integers(1, 6),
    spread=st.sampled_from([0.0, 0.1, 1.0, 4.0]),
    seed=st.integers(0, 99),
)
def test_any_shape_and_spread(layers, heads, tokens, width, spread, seed):
    # With a shift, as the mean of scores that cancel is no better in float32 than the scores are.
    shift = min(spread, 0.5)
    capture = random_capture(layers, heads, tokens, width, spread=spread, shift=shift, seed=seed)
    arrays = by_name(study_arrays(capture, 0))
    assert_same_study(arrays, reference.study(capture, 0))
    assert_finite(arrays, heads * tokens)


def assert_finite(arrays, scores_of_a_layer):
    for name, array in arrays.items():
        undefined = name == "part6_std" and scores_of_a_layer == 1  # ddof 1
        undefined |= name.startswith("part10") and len(arrays["tokens"]) == 1  # no query has a choice
        undefined |= name.endswith("_by_layer") and name.startswith("part9") and len(arrays["tokens"]) == 1
        undefined |= name.removeprefix("part3_") in reference.OVERVIEW  # see test_overview
        if array.dtype.kind == "f" and name != "part7_mask_causal" and not undefined:
            assert np.isfinite(array).all(), name


def test_scores_in_the_hundred_thousands_overflow_nothing():
    """Too large for weights to agree with float64 to 1e-5, but never an infinity or a NaN."""
    capture = random_capture(2, 3, 9, 5, spread=300.0)
    arrays = by_name(study_arrays(capture, 0))
    assert_finite(arrays, 27)
    assert not arrays["part5_across"].any()
    assert arrays["part7_self"].max() == 1


def test_blocks_of_a_few_rows_give_the_same_study(monkeypatch):
    capture = random_capture(2, 3, 17, 4, spread=2.0)
    monkeypatch.setattr("core.attention.scores.BLOCK", 60)  # three rows of one head
    assert_same_study(by_name(study_arrays(capture, 1)), reference.study(capture, 1))


@pytest.mark.parametrize("query", [0, 1, 2, 9, None])
@pytest.mark.parametrize("leave_out_first", [True, False])
def test_query_token_and_first_token_switch(query, leave_out_first):
    capture = random_capture(3, 4, 15, 6, spread=2.0)
    within, across = reference.last_query_scores(capture, 1, query, leave_out_first)
    four = part4.raw_score_samples(capture, 1, query, leave_out_first)
    assert_close(four.within.values, within)
    assert_close(four.across.values, across)
    five = part5.raw_scores_by_layer(capture, query, leave_out_first)
    expected = reference.part5(capture, query, leave_out_first)
    for name, got in (("part5_within", five.within), ("part5_across", five.across)):
        for row, values, n in zip(got.density, expected.histograms[name], got.n, strict=True):
            assert_same_histogram(row, values, got.edges, closed=False)
            assert n == len(values)


def test_part5_mean_and_band_over_layers():
    five = part5.raw_scores_by_layer(random_capture(4, 3, 15, 6, spread=2.0))
    for density, mean, sd in (
        (five.within.density, five.within_mean, five.within_sd),
        (five.across.density, five.across_mean, five.across_sd),
    ):
        for column in range(100):
            layers = [row[column] for row in density]
            centre = sum(layers) / 4
            assert mean[column] == pytest.approx(centre)
            assert sd[column] == pytest.approx((sum((value - centre) ** 2 for value in layers) / 4) ** 0.5)


@pytest.mark.parametrize("tokens", [1, 2, 19])
def test_part6_under_the_causal_mask(tokens):
    capture = random_capture(3, 2, tokens, 4, spread=2.0, shift=0.5)
    six = part6.score_distributions(capture, causal=True)
    expected = reference.part6(capture, causal=True)
    assert_close(six.mean, expected.arrays["part6_mean"])
    assert_close(six.sd, expected.arrays["part6_std"])
    assert_close(six.softmax.edges, expected.arrays["part6_softmax_edges"])
    for row, values in zip(six.raw.density, expected.histograms["part6_raw_density"], strict=True):
        assert_same_histogram(row, values, six.raw.edges, closed=False)
    weights = expected.histograms["part6_softmax_density"]
    for row, values, edges in zip(six.softmax.density, weights, six.softmax.edges, strict=True):
        assert_same_histogram(row, values, edges, closed=True)
    assert six.raw.n.tolist() == [2 * tokens * (tokens + 1) // 2] * 3


def test_part6_gives_each_layer_bins_of_its_own_weights():
    capture = random_capture(2, 3, 30, 4, spread=4.0)
    capture.query[0] /= 100
    six = part6.score_distributions(capture)
    assert six.softmax.edges[0, -1] < six.softmax.edges[1, -1] / 10
    assert six.softmax.outside.tolist() == [0, 0]
    assert (six.softmax.density[:, [0, -1]] > 0).all()
    empty = six.softmax.density == 0
    width = (six.softmax.edges[:, 1] - six.softmax.edges[:, 0])[:, None]
    half = np.broadcast_to(0.5 / (3 * 30 * 30 * width), empty.shape)
    np.testing.assert_allclose(six.softmax.drawn_on_log[empty], half[empty])
    np.testing.assert_array_equal(six.softmax.drawn_on_log[~empty], six.softmax.density[~empty])


def test_part6_of_a_layer_with_one_weight_has_no_histogram():
    capture = random_capture(3, 2, 10, 4)
    capture.query[1] = 0  # every score is 0, every weight 1/10
    six = part6.score_distributions(capture)
    assert six.one_weight.tolist() == [False, True, False]
    assert (six.softmax.density != 0).any(axis=1).tolist() == [True, False, True]
    assert (six.softmax.outside[1], six.softmax.half_count[1]) == (0, 0)


def test_outside_is_the_share_that_the_edges_leave_out():
    capture = random_capture(2, 3, 20, 9, spread=4.0)
    six, five = part6.score_distributions(capture), part5.raw_scores_by_layer(capture)
    raw = reference.part6(capture).histograms["part6_raw_density"]
    across = reference.part5(capture).histograms["part5_across"]
    for shares, layers, edge in ((six.raw.outside, raw, 15), (five.across.outside, across, 20)):
        for share, values in zip(shares, map(np.abs, layers), strict=True):
            close = TOLERANCE * values.max()  # what lies so near to an edge may be on either side
            least, most = (values > edge + close).mean(), (values > edge - close).mean()
            assert least - 1e-12 <= share <= most + 1e-12
    assert six.raw.outside.min() > 0.1


def test_part3_takes_queries_keys_and_values():
    capture = random_capture(2, 3, 5, 4)
    for name in ("query", "key", "value"):
        three = part3.heads(capture, 1, name)
        assert three.heads.shape == (3, 4, 5)
        expected = getattr(capture, name)[1][:, 4:8].T
        np.testing.assert_array_equal(three.heads[1], expected)
        assert (three.lowest, three.highest) == (three.heads.min(), three.heads.max())


def test_part7_maps_go_from_products_to_weights():
    capture = random_capture(2, 3, 6, 4)
    maps = part7c.head_maps(capture, 1, 2)
    query, key = (reference.head_slice(array[1], 2, 4) for array in (capture.query, capture.key))
    most = np.abs(query @ key.T).max()
    for i in range(6):
        row = [query[i].dot(key[j]) for j in range(6)]
        weights = reference.softmax_of([product / 2 for product in row[: i + 1]])
        for j in range(6):
            product, raw, masked, weight = maps.stages(i, j)
            assert product == close_to(row[j], most)
            assert raw == close_to(row[j] / 2, most / 2)
            assert masked == (raw if j <= i else -np.inf)
            assert weight == (close_to(weights[j], 1) if j <= i else 0)
            assert maps.hidden[i, j] == (j > i)


def test_first_token_gives_itself_exactly_one():
    for tokens in (1, 2, 30):
        seven = part7b.attention(random_capture(2, 3, tokens, 4, spread=5.0), 1)
        assert seven.first_to_self.values.tolist() == [1, 1, 1]
        assert seven.first_to_self.violin is None


def test_part8_means():
    capture = random_capture(2, 3, 8, 4)
    eight = part8.attention_by_layer(capture)
    for layer in range(2):
        expected = [values.mean() for values in reference.attention_samples(capture, layer)]
        assert_close(eight.mean[layer], np.array(expected))
    assert np.isnan(part8.attention_by_layer(random_capture(2, 3, 1, 4)).mean).tolist() == [[True, True, False]] * 2


@pytest.mark.parametrize(("layers", "expected"), [(24, 6), (12, 3), (8, 2), (6, 1), (1, 0), (4, 1), (36, 9), (48, 12)])
def test_default_layer(layers, expected):
    assert default_layer(layers) == expected


def test_tokens_name_the_shapes():
    two = part2.tokens(random_capture(2, 3, 7, 4))
    assert two.projection_shapes == (("transformer.h[i].attn.c_attn", (1, 7, 36)),)
    assert (two.activation_shape, two.head_shape, two.root_width) == ((7, 12), (7, 4), 2.0)


def test_progress_rises_to_one_and_can_end_the_work():
    capture = random_capture(5, 2, 6, 4)
    for function in (part5.raw_scores_by_layer, part6.score_distributions, part8.attention_by_layer):
        told: list[float] = []
        function(capture, progress=told.append)
        assert told == sorted(told)
        assert told[-1] == 1

        def stop(fraction: float) -> None:
            raise InterruptedError

        with pytest.raises(InterruptedError):
            function(capture, progress=stop)


def peak_bytes(function, *arguments):
    """Memory that numpy takes at most while the function runs, above what was there before."""
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        function(*arguments)
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


def test_a_long_text_is_streamed():
    """At GPT-2 medium's width; more layers add only a few kilobytes each."""
    capture = random_capture(2, 16, 1024, 64)
    all_heads = 16 * 1024 * 1024 * 4  # bytes of one layer's (H, T, T)
    for function in (part5.raw_scores_by_layer, part6.score_distributions, part8.attention_by_layer):
        assert peak_bytes(function, capture) < all_heads / 4, function.__name__
    assert peak_bytes(study_arrays, capture, 0) < 300e6


@pytest.mark.parametrize("cores", [1, 3])
def test_layers_on_several_cores_give_the_same_study(cores, monkeypatch):
    monkeypatch.setattr("core.attention.layers.idle_cores", lambda: cores)
    capture = random_capture(7, 3, 17, 4, spread=2.0)
    assert_same_study(by_name(study_arrays(capture, 1)), reference.study(capture, 1))


def test_work_that_is_no_longer_wanted_leaves_layers_undone(monkeypatch):
    monkeypatch.setattr("core.attention.layers.idle_cores", lambda: 2)
    looked_at = []

    def samples(call):
        looked_at.append(call)
        time.sleep(0.01)
        return attention_samples(call)

    def stop(fraction: float) -> None:
        raise InterruptedError

    monkeypatch.setattr("core.parts.softmax_by_layer.numbers.attention_samples", samples)
    with pytest.raises(InterruptedError):
        part8.attention_by_layer(random_capture(40, 2, 6, 4), progress=stop)
    assert len(looked_at) < 40


def test_weights_are_the_same_whether_kept_or_worked_out_again(monkeypatch):
    capture = random_capture(3, 2, 14, 4, spread=2.0)
    for causal in (False, True):
        kept = part6.score_distributions(capture, causal)
        with monkeypatch.context() as patch:
            patch.setattr("core.parts.distributions.numbers.KEPT", 0)
            again = part6.score_distributions(capture, causal)
        np.testing.assert_array_equal(kept.softmax.edges, again.softmax.edges)
        np.testing.assert_array_equal(kept.softmax.density, again.softmax.density)
