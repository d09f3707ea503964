"""Each chart's numbers in long form: every row says where its value stands."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import numpy as np
import pytest

from core.export.files import table_as_csv
from core.parts.averaging import average_order as part9c
from core.parts.averaging import group_means as part9b
from core.parts.averaging import numbers as part9
from core.parts.distributions import numbers as part6
from core.parts.entropy import head_ranking as part10c
from core.parts.entropy import heads_off as part10b
from core.parts.heads import numbers as part3
from core.parts.heads import overview as part3b
from core.parts.raw_scores import first_token as part4c
from core.parts.raw_scores import head_pairs as part4b
from core.parts.raw_scores import numbers as part4
from core.parts.raw_scores_by_layer import numbers as part5
from core.parts.scaling import numbers as part1
from core.parts.softmax import attention as part7b
from core.parts.softmax import attention_maps as part7c
from core.parts.softmax import numbers as part7
from core.parts.softmax_by_layer import numbers as part8
from core.parts.softmax_by_layer import patching as part8c
from core.parts.softmax_by_layer import two_texts as part8b
from core.parts.tables import settings_in_name
from core.parts.tokens import numbers as part2
from tests.captures import random_capture
from tests.differences import samples_of, subtract
from tests.exercises import Invented, settings
from tests.parity import close_to

L, H, T, D = 3, 2, 6, 4
WORDS = ("a,b", '"q"', "␣c", "↵", "\\u0000", "=1+1")


@pytest.fixture(scope="module")
def capture():
    return replace(random_capture(L, H, T, D), token_text=WORDS)


def table_of(result, name, tokens=WORDS):
    return next(table for table in result.tables(tokens) if table.name == name).columns()


def rows_of(columns):
    assert len({len(column) for column in columns.values()}) == 1
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def results(capture):
    return [
        part1.scaling(5, 9),
        part1.saturation(7),
        part2.tokens(capture),
        part3.heads(capture, 1, "key"),
        part3b.overview(capture),
        part4.raw_score_samples(capture, 1),
        part5.raw_scores_by_layer(capture),
        part6.score_distributions(capture),
        part7.masking(4),
        part7b.attention(capture, 1),
        part7c.head_maps(capture, 1, 0),
        part8.attention_by_layer(capture),
        part8b.two_texts(Invented().of_text(capture, "other"), capture),
        part8c.patching(Invented(), part8c.pair_of(capture, capture), (), 1),
        part9.averaging(capture, 1),
        part9b.group_means(),
        part9c.average_order(capture, 1, 3),
        part4b.head_pairs(capture, 1),
        part4c.first_token(capture, 1, 3),
        part10b.heads_off(Invented(), capture, settings(heads_off="1.0")),
        part10c.head_ranking(Invented(), capture),
    ]


def test_the_studys_pictures_have_their_names_and_no_two_tables_share_one(capture):
    found = [table for result in results(capture) for table in result.tables(WORDS)]
    names = [table.name for table in found if table.picture]  # the others get the name of their experiment
    assert len(set(names)) == len(names)
    study_names = "part1 part3 part4 part5a part5b part6 part7a part7b part8 part9".split()
    assert set(study_names) < {table.picture for table in found if table.drawn}
    assert "part2" in names


def test_layer_and_head_are_in_the_files_names(capture):
    assert settings_in_name(part7c.head_maps(capture, 1, 0)) == "-layer1-head0"
    assert settings_in_name(part9.averaging(capture, 2)) == "-layer2"
    assert settings_in_name(part7.masking(4)) == ""


def test_part3_names_head_dimension_and_token(capture):
    rows = rows_of(table_of(part3.heads(capture, 1, "key"), "part3"))
    assert len(rows) == H * D * T
    for row in rows:
        assert row["key"] == capture.key[1, row["token"], row["head"] * D + row["dimension"]]
        assert row["token_text"] == WORDS[row["token"]]


@pytest.mark.parametrize(("query", "skip"), [(T - 1, True), (T - 1, False), (3, True), (1, True)])
def test_part4_names_both_heads_and_the_key(capture, query, skip):
    result = part4.raw_score_samples(capture, 1, query, skip)
    rows = rows_of(table_of(result, "part4-scores"))
    assert len(rows) == H * H * (query - skip)
    for row in rows:
        q = capture.query[1, query, row["query_head"] * D :][:D]
        k = capture.key[1, row["key"], row["key_head"] * D :][:D]
        assert row["score"] == close_to(q @ k / np.sqrt(D), max(abs(one["score"]) for one in rows))
        assert row["sample"] == ("within" if row["query_head"] == row["key_head"] else "across")
        assert row["key_text"] == WORDS[row["key"]]
    if query - skip:
        within = [row for row in rows_of(table_of(result, "part4-densities")) if row["sample"] == "within"]
        assert sum(row["density"] * (row["to"] - row["from"]) for row in within) == pytest.approx(1)


def test_histograms_name_the_layer_and_the_bins_ends(capture):
    result = part5.raw_scores_by_layer(capture)
    rows = rows_of(table_of(result, "part5a-across"))
    assert len(rows) == L * 100
    for place, row in enumerate(rows):
        layer, at = divmod(place, 100)
        assert (row["layer"], row["from"]) == (layer, pytest.approx(-20 + 0.4 * at))
        assert row["to"] == pytest.approx(-20 + 0.4 * (at + 1))
        assert row["density"] == result.across.density[layer, at]
    by_layer = part8.attention_by_layer(capture)
    for index, name in enumerate(("final", "self", "first")):
        expected = by_layer.density.density[:, index].ravel()
        assert table_of(by_layer, f"part8-{name}")["density"].tolist() == expected.tolist()
    softmax = part6.score_distributions(capture).softmax
    rows = rows_of(table_of(part6.score_distributions(capture), "part6-softmax"))
    assert len(rows) == L * 201
    for place, row in enumerate(rows):
        layer, at = divmod(place, 201)
        assert (row["layer"], row["from"], row["to"]) == (layer, *softmax.edges[layer, at : at + 2])
        assert row["density"] == softmax.density[layer, at]


@pytest.mark.parametrize("tokens", [1, T])
def test_part7b_names_who_looks_at_whom(tokens):
    capture = random_capture(L, H, tokens, D)
    rows = rows_of(table_of(part7b.attention(capture, 2), "part7b", capture.token_text))
    assert len(rows) == 2 * H * (tokens - 1) + H
    weights = [part7c.head_maps(capture, 2, head).weights for head in range(H)]
    for row in rows:
        assert row["weight"] == close_to(weights[row["head"]][row["query"], row["key"]], 1)
        assert (row["sample"] == "final_to_previous") == (row["query"] != row["key"])
        assert (row["sample"] == "first_to_self") == (row["query"] == 0 == row["key"])


def test_maps_name_query_and_key(capture):
    maps = part7c.head_maps(capture, 1, 0)
    for name, matrix in (("raw", maps.raw), ("masked", maps.masked), ("attention", maps.weights)):
        rows = rows_of(table_of(maps, f"part7c-{name}"))
        assert len(rows) == T * T
        value = "weight" if name == "attention" else "score"
        assert all(row[value] == matrix[row["query"], row["key"]] for row in rows)
        assert all(row["query_text"] == WORDS[row["query"]] for row in rows)
    nine = part9.averaging(capture, 1)
    for row in rows_of(table_of(nine, "part9-scatter")):
        at = row["query"], row["key"]
        assert (row["all_heads"], row["per_head_mean"]) == (nine.all_heads[at], nine.per_head_mean[at])
    assert [row["index"] for row in rows_of(table_of(nine, "part9-differences"))] == list(range(T * T))


@pytest.mark.parametrize(("count", "cut"), [(4, 2), (7, 1), (2, 1)])
def test_part9b_says_which_numbers_a_mean_is_of(count, cut):
    result = part9b.group_means(count, cut)
    rows = {row["mean"]: row for row in rows_of(table_of(result, "part9b"))}
    for name in ("first", "second", "overall"):
        row = rows[name]
        assert np.mean(range(row["from"], row["to"] + 1)) == row["value"]
    assert rows["of_means"]["value"] == (rows["first"]["value"] + rows["second"]["value"]) / 2
    assert rows["difference"]["value"] == rows["overall"]["value"] - rows["of_means"]["value"]


def differences(a, b):
    """Of two captures with as many layers and tokens, in their first and last layer and head."""
    six = [(capture, part6.score_distributions(capture)) for capture in (a, b)]
    return [
        subtract("raw_scores", part4.raw_score_samples(a, 0), part4.raw_score_samples(b, L - 1)),
        subtract("raw_scores_by_layer", part5.raw_scores_by_layer(a), part5.raw_scores_by_layer(b)),
        subtract("distributions", *(one[1] for one in six), [one[0] for one in six]),
        subtract("attention", part7b.attention(a, 0), part7b.attention(b, L - 1)),
        subtract("attention_maps", part7c.head_maps(a, 0, 0), part7c.head_maps(b, L - 1, H - 1)),
        subtract("softmax_by_layer", part8.attention_by_layer(a), part8.attention_by_layer(b)),
    ]


def test_differences_have_rows_for_each_bin_layer_and_cell(capture):
    other = random_capture(L, H, T, D, seed=1)
    four, five, six, seven, maps, eight = differences(capture, other)
    found = {one.name: one for result in (four, five, six, seven, maps, eight) for one in result.tables(WORDS)}
    assert not set(found) & {one.name for result in results(capture) for one in result.tables(WORDS)}
    rows = {name: rows_of(one.columns()) for name, one in found.items()}
    for result, name in ((four, "part4-difference"), (seven, "part7b-difference")):
        for sample, one in samples_of(result).items():
            assert_sides([row for row in rows[name] if row["sample"] == sample], one)
    five, eight = samples_of(five), samples_of(eight)
    for sample, one in (("within", five["within_mean"]), ("across", five["across_mean"])):
        assert_sides([row for row in rows["part5b-difference"] if row["sample"] == sample], one)
    for name, one in (
        ("part5a-within-difference", five["within"]),
        ("part5a-across-difference", five["across"]),
        ("part6-raw-difference", six.raw),
        ("part8-final-difference", eight["final_to_previous"]),
        ("part8-self-difference", eight["self_attention"]),
    ):
        assert [row["layer"] for row in rows[name]] == np.repeat(range(L), len(one.edges) - 1).tolist()
        assert_sides(rows[name], one)
    means = rows["part6-means-difference"]
    assert [(row["layer"], row["mean_difference"], row["sd_difference"]) for row in means] == list(
        zip(range(L), six.mean, six.sd, strict=True)
    )
    for place, row in enumerate(rows["part6-softmax-difference"]):
        assert row["from"] == six.softmax.edges[row["layer"], place % 201]
        assert row["log10_ratio"] == pytest.approx(np.log10(row["b"] / row["a"]))
    for name, matrix in (("raw", maps.raw), ("attention", maps.weights)):
        for row in rows[f"part7c-{name}-difference"]:
            assert row["difference"] == matrix[row["query"], row["key"]]
            assert (row["query_text"], row["key_text"]) == (WORDS[row["query"]], WORDS[row["key"]])


def assert_sides(rows, one):
    """The rows are a difference's bins in their order, layer by layer."""
    bins = len(one.edges) - 1
    assert len(rows) == one.density.size
    for place, row in enumerate(rows):
        at = np.unravel_index(place, one.density.shape)
        assert (row["from"], row["to"]) == (one.edges[place % bins], one.edges[place % bins + 1])
        assert (row["a"], row["b"], row["difference"]) == (one.a[at], one.b[at], one.density[at])


def test_a_table_as_csv_reads_back(capture):
    maps = part7c.head_maps(capture, 1, 0)
    columns = table_of(maps, "part7c-masked")
    read = list(csv.DictReader(io.StringIO(table_as_csv(columns).decode(), newline="")))
    assert list(read[0]) == list(columns)
    assert [row["key_text"] for row in read] == columns["key_text"].tolist()
    assert [np.float32(row["score"]) for row in read] == columns["score"].tolist()
    assert read[1]["score"] == "-inf"
