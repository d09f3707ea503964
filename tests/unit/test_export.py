"""Files of an export: names, shapes, long-form CSV, and a folder that is whole or not there."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import numpy as np
import pytest

from core.export.files import (
    FILES,
    BadFolder,
    folder_when_done,
    settings_of,
    study_arrays,
    write_export,
    write_long_csv,
)
from core.parts.part import Array
from tests.captures import random_capture

L, H, T, D, N = 3, 2, 6, 4, 7


@pytest.fixture(scope="module")
def capture():
    return replace(random_capture(L, H, T, D), token_text=("a,b", '"q"', "␣c", "↵", "\\u0000", "=1+1"), text="\ud800 é")


@pytest.fixture(scope="module")
def folder(capture, tmp_path_factory):
    folder = tmp_path_factory.mktemp("export")
    write_export(folder, study_arrays(capture, 1, N), settings_of(capture, 1, N))
    return folder


def test_npz_holds_the_contracts_names_and_shapes(folder):
    shapes = {
        "tokens": (T,),
        "token_text": (T,),
        **dict.fromkeys(("part1_sizes", "part1_std_raw", "part1_std_scaled", "part1_theory"), (96,)),
        **dict.fromkeys(("part2_next_ids", "part2_next_probability"), (5,)),
        "part3_query_heads": (H, D, T),
        **dict.fromkeys(("part3_to_first", "part3_to_previous", "part3_to_itself", "part3_to_duplicates"), (L, H)),
        **dict.fromkeys(("part3_raw_score", "part3_within_minus_across"), (L, H)),
        "part4_within": (H * (T - 2),),
        "part4_across": (H * (H - 1) * (T - 2),),
        "part4_head_pairs": (H, H),
        "part5_edges": (101,),
        **dict.fromkeys(("part5_within", "part5_across"), (L, 100)),
        **dict.fromkeys(("part6_mean", "part6_std"), (L,)),
        "part6_raw_edges": (201,),
        "part6_raw_density": (L, 200),
        "part6_softmax_edges": (L, 202),
        "part6_softmax_density": (L, 201),
        **dict.fromkeys(("part7_mask_binary", "part7_mask_causal", "part7_mask_softmax"), (N, N)),
        **dict.fromkeys(("part7_final_to_previous", "part7_self"), (H * (T - 1),)),
        "part7_first_to_self": (H,),
        "part8_edges": (91,),
        "part8_density": (L, 3, 90),
        **dict.fromkeys(("part9_all_heads", "part9_per_head_mean"), (T, T)),
        **dict.fromkeys(("part9_mean_of_softmaxes", "part9_softmax_of_mean"), (T,)),
        **dict.fromkeys((f"part9_{name}_by_layer" for name in ("distance", "entropy_of_mean", "entropy_of_one")), (L,)),
        "part10_entropy": (L, H),
        "part10_by_layer": (L,),
    }
    with np.load(folder / "study.npz", allow_pickle=False) as stored:
        assert {name: stored[name].shape for name in stored} == shapes
        assert np.isneginf(stored["part7_mask_causal"]).sum() == N * (N - 1) / 2


def test_every_value_is_one_row_of_its_parts_csv(folder, capture):
    with np.load(folder / "study.npz", allow_pickle=False) as stored:
        for file_name, arrays in study_arrays(capture, 1, N).items():
            index_names = {name: array.axes for name, array in arrays.items()}
            with open(folder / f"{file_name}.csv", encoding="utf-8", newline="") as file:
                rows = list(csv.DictReader(file))
            assert len(rows) == sum(stored[name].size for name in index_names)
            rebuilt = {name: np.full_like(stored[name], 0) for name in index_names}
            for row in rows:
                axes = index_names[row["array"]]
                place = tuple(int(row[axis]) for axis in axes)
                rebuilt[row["array"]][place] = row["value"]
                assert {key for key, cell in row.items() if cell != ""} == {"array", *axes, "value"}
            for name, array in rebuilt.items():
                np.testing.assert_array_equal(array, stored[name], name)


def test_rows_read_as_the_contract_says():
    mask, edges = np.array([[0, -np.inf], [0, 0]], np.float32), np.array([0.1, 1e-9], np.float32)
    file = io.StringIO()
    write_long_csv(file, {"mask": Array(mask, ("query", "key")), "edges": Array(edges, ("edge",))})
    assert file.getvalue().splitlines() == [
        "array,query,key,edge,value",
        "mask,0,0,,0.0",
        "mask,0,1,,-inf",
        "mask,1,0,,0.0",
        "mask,1,1,,0.0",
        "edges,,,0,0.1",
        "edges,,,1,1e-09",
    ]


def test_settings_say_what_was_exported(folder, capture):
    settings = json.loads((folder / "settings.json").read_text(encoding="ascii"))
    versions = settings.pop("versions")
    assert settings == {
        "model": "random",
        "revision": "none",
        "text": capture.text,
        "tokens": T,
        "text_tokens": T,
        "layer": 1,
        "mask_size": N,
        "scale": [0.5, 0.5, 0.5],
        "softcap": [None, None, None],
        "mask": "causal",
        "experiment": "nothing changed",
        "changes": [],
        "seed": 0,
    }
    assert versions["numpy"] == np.__version__
    assert {"python", "torch", "transformers"} <= set(versions)
    assert {path.name for path in folder.iterdir()} == FILES


def make(out, content="new", force=False):
    with folder_when_done(out, force) as folder:
        (folder / "settings.json").write_text(content)


def names_below(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_a_finished_folder_takes_its_place(tmp_path):
    (tmp_path / "empty").mkdir()
    for name in ("new", "empty", "deep/er/down"):
        make(tmp_path / name)
        assert (tmp_path / name / "settings.json").read_text() == "new"
    assert not [name for name in names_below(tmp_path) if name.startswith(".")]


def fail(out, force=False):
    with folder_when_done(out, force) as folder:
        (folder / "study.npz").write_text("half")
        raise ZeroDivisionError


def test_a_failed_run_leaves_nothing(tmp_path):
    for name in ("new", "deep/er/down"):
        with pytest.raises(ZeroDivisionError):
            fail(tmp_path / name)
    assert names_below(tmp_path) == []
    make(tmp_path / "old", "old")
    with pytest.raises(ZeroDivisionError):
        fail(tmp_path / "old", force=True)
    assert names_below(tmp_path) == ["old", "old/settings.json"]
    assert (tmp_path / "old" / "settings.json").read_text() == "old"


def test_an_export_is_replaced_only_by_force_and_whole(tmp_path):
    make(tmp_path / "out", "old")
    (tmp_path / "out" / "part1.csv").write_text("old")
    with pytest.raises(BadFolder, match="--force"):
        make(tmp_path / "out")
    assert (tmp_path / "out" / "settings.json").read_text() == "old"
    make(tmp_path / "out", force=True)
    assert names_below(tmp_path) == ["out", "out/settings.json"]


@pytest.mark.parametrize("force", [False, True])
def test_what_is_no_export_is_never_touched(tmp_path, force):
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "thesis.txt").write_text("mine")
    (tmp_path / "home" / "settings.json").write_text("of something else")
    (tmp_path / "file").write_text("mine")
    before = names_below(tmp_path)
    for out, why in (("home", "no export"), ("file", "is a file"), ("file/below", "is a file")):
        with pytest.raises(BadFolder, match=why):
            make(tmp_path / out, force=force)
    assert names_below(tmp_path) == before


def test_a_folder_that_appears_meanwhile_is_kept(tmp_path):
    with pytest.raises(BadFolder), folder_when_done(tmp_path / "out", force=False):
        make(tmp_path / "out", "faster")
    assert names_below(tmp_path) == ["out", "out/settings.json"]
    assert (tmp_path / "out" / "settings.json").read_text() == "faster"
