"""`python -m core` on a tiny model: what it writes, what it refuses, and what it leaves behind."""

from __future__ import annotations

import csv
import io
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from safetensors.torch import load_file, save_file

from core.__main__ import main
from core.attention.intervention import from_table
from core.export.files import FILES
from core.model.capture import capture
from core.model.effects import says
from core.model.loading import load
from core.model.texts import DEFAULT_TEXT
from core.parts.entropy import numbers as part10
from tests.tiny_models import gpt2_config, store

ROOT = Path(__file__).parents[2]
EXPERIMENT_ARRAYS = [f"experiment_{name}" for name in ("losses", "next_ids", "next_text", "next_probability")]


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return str(store(gpt2_config(layers=5), tmp_path_factory.mktemp("models") / "tiny"))


@pytest.fixture
def text_file(tmp_path):
    path = tmp_path / "text.txt"
    path.write_bytes("The cat\r\nsat on “the” mat 🙂".encode())
    return path


def settings(out):
    return json.loads((out / "settings.json").read_text())


def test_a_run_from_the_shell(model, text_file, tmp_path):
    out = tmp_path / "out"
    command = [sys.executable, "-m", "core", "--model", model, "--text-file", text_file, "--layer", "4", "--out", out]
    done = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert {path.name for path in out.iterdir()} == FILES
    assert settings(out)["text"] == "The cat\r\nsat on “the” mat 🙂"
    assert (settings(out)["layer"], settings(out)["model"]) == (4, "tiny")
    with np.load(out / "study.npz", allow_pickle=False) as study:
        tokens = len(study["tokens"])
        assert study["part3_query_heads"].shape == (4, 8, tokens)
    assert f"{tokens} tokens, tiny, layer 4" in done.stdout


@pytest.mark.parametrize(
    ("text", "said"),
    [("x", ": 1 token, tiny"), ("x y", ": 3 tokens, tiny"), ("x" * 99, ": 64 tokens (the first of 99), tiny")],
)
def test_tokens_are_counted_in_words(model, text_file, tmp_path, capsys, text, said):
    text_file.write_text(text)
    asked = ["--model", model, "--text-file", str(text_file), "--layer", "0", "--out", str(tmp_path / "out")]
    assert main(asked) == 0
    assert said in capsys.readouterr().out


def test_a_model_of_one_layer_is_said_to_have_one(tmp_path, capsys):
    one = store(gpt2_config(layers=1), tmp_path / "one")
    assert main(["--model", str(one), "--layer", "1", "--out", str(tmp_path / "out")]) == 2
    assert "there is no layer 1: one has layer 0 alone" in capsys.readouterr().err


def test_defaults_are_the_labs(model, tmp_path, monkeypatch):
    monkeypatch.setenv("LAB_MODEL", model)
    assert main(["--out", str(tmp_path / "out")]) == 0
    said = settings(tmp_path / "out")
    assert (said["model"], said["layer"], said["mask_size"], said["text"]) == ("tiny", 1, 5, DEFAULT_TEXT)
    assert (said["tokens"], said["text_tokens"] > 64) == (64, True)


def test_force_replaces_and_nothing_else_does(model, text_file, tmp_path, capsys):
    out = tmp_path / "out"
    asked = ["--model", model, "--text-file", str(text_file), "--out", str(out)]
    assert main(asked) == 0
    before = (out / "study.npz").read_bytes()
    assert main([*asked, "--layer", "0"]) == 2
    assert "--force" in capsys.readouterr().err
    assert (out / "study.npz").read_bytes() == before
    assert main([*asked, "--layer", "0", "--mask-size", "12", "--force"]) == 0
    assert (settings(out)["layer"], settings(out)["mask_size"]) == (0, 12)


def test_an_experiment_has_the_numbers_of_the_changed_run_and_what_the_model_says(model, text_file, tmp_path, capsys):
    file, out, plain = tmp_path / "no-mask.toml", tmp_path / "out", tmp_path / "plain"
    file.write_text('[[change]]\nmask = "none"\nlayers = [1]\n\n[[change]]\nweights = "zero"\nheads = [2]\n')
    asked = ["--model", model, "--text-file", str(text_file), "--layer", "1"]
    assert main([*asked, "--out", str(plain)]) == 0
    assert capsys.readouterr().out.count("\n") == 1
    assert main([*asked, "--out", str(out), "--experiment", str(file)]) == 0
    words = "no mask in layer 1; weights of 0 in all layers, head 2"
    assert f"With {words}: the mean loss goes from" in capsys.readouterr().out
    changes = [{"mask": "none", "layers": [1]}, {"weights": "zero", "heads": [2]}]
    assert (settings(out)["experiment"], settings(out)["changes"]) == (words, changes)
    assert {path.name for path in out.iterdir()} == FILES | {"experiment.csv"}

    loaded, intervention = load(model), tuple(from_table(table) for table in changes)
    shown = capture(loaded, text_file.read_bytes().decode(), intervention)
    said = dict(says(loaded, shown.token_ids, [(), intervention]))
    with np.load(out / "study.npz", allow_pickle=False) as study, np.load(plain / "study.npz") as unchanged:
        np.testing.assert_array_equal(study["part10_entropy"], part10.attention_entropy(shown).entropy)
        assert not np.array_equal(study["part10_entropy"], unchanged["part10_entropy"])
        assert not set(unchanged) & set(EXPERIMENT_ARRAYS)
        losses, own = study["experiment_losses"], [said[run] for run in (0, 1)]
        np.testing.assert_array_equal(losses[:, 1:], [run.losses for run in own])
        np.testing.assert_array_equal(losses[:, 0], np.nan)
        for name in ("next_ids", "next_text", "next_probability"):
            np.testing.assert_array_equal(study[f"experiment_{name}"], [getattr(run, name) for run in own])
        rows = list(csv.DictReader((out / "experiment.csv").read_text("utf-8").splitlines()))
        assert {row["array"] for row in rows} == set(EXPERIMENT_ARRAYS)
        for row in rows:
            place = row["token"] or row["guess"]
            assert str(study[row["array"]][int(row["run"]), int(place)]) == row["value"]
    assert main([*asked, "--out", str(out), "--force"]) == 0
    assert {path.name for path in out.iterdir()} == FILES, "an experiment is an export that may be replaced"


def test_an_experiment_on_one_token_has_no_loss(model, text_file, tmp_path, capsys):
    file, out = tmp_path / "divide.toml", tmp_path / "out"
    file.write_text("[[change]]\ndivide = 1\n")
    text_file.write_text("x")
    asked = ["--model", model, "--text-file", str(text_file), "--experiment", str(file), "--out", str(out)]
    assert main(asked) == 0
    assert "With scores divided by 1 in all layers: a text of one token has no loss." in capsys.readouterr().out


def test_weights_that_are_not_numbers_are_one_line(tmp_path):
    folder = store(gpt2_config(), tmp_path / "tiny")
    weights = load_file(folder / "model.safetensors")
    weights["transformer.h.2.attn.c_attn.weight"][0, 0] = float("nan")
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    command = [sys.executable, "-m", "core", "--model", folder, "--out", tmp_path / "out"]
    done = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "python -m core: The weights of tiny are not all numbers (transformer.h.2.attn.c_attn.weight holds a NaN or an "
        "infinity): take a copy from before that happened, or choose another model.\n"
    )


BAD = {
    "no such layer": (["--layer", "5"], "no layer 5: tiny has the layers 0 to 4"),
    "layer below": (["--layer", "-1"], "no layer -1"),
    "layer of letters": (["--layer", "six"], "invalid int value"),
    "mask too small": (["--mask-size", "1"], "mask size 1"),
    "mask too large": (["--mask-size", "13"], "mask size 13"),
    "no such model": (["--model", "gpt5"], "gpt5"),
    "no such text": (["--text-file", "missing.txt"], "missing.txt"),
    "text is a folder": (["--text-file", "."], "directory"),
    "not UTF-8": (["--text-file", "latin.txt"], "not UTF-8"),
    "blank text": (["--text-file", "blank.txt"], "no text"),
    "unknown option": (["--lauer", "2"], "--lauer"),
    "out in a file": (["--out", "blank.txt/out"], "is a file"),
    "no such experiment": (["--experiment", "missing.toml"], "missing.toml"),
    "experiment not UTF-8": (["--experiment", "latin.txt"], "not UTF-8"),
    "experiment is no TOML": (["--experiment", "broken.toml"], "broken.toml: Invalid"),
    "experiment is empty": (["--experiment", "blank.txt"], "no [[change]] table"),
}
BAD_EXPERIMENTS = {
    "unknown key": ("[[change]]\nscale = 1", "file.toml: A change knows no 'scale'"),
    "unknown table": ("[[chnage]]\ndivide = 1", "file.toml holds 'chnage'"),
    "no list": ("[change]\ndivide = 1", "no [[change]] table"),
    "numbers for tables": ("change = [1]", "no [[change]] table"),
    "nothing changed": ("[[change]]\nlayers = [1]", "one of divide, mask and weights"),
    "two things changed": ('[[change]]\ndivide = 1\nmask = "none"', "one of divide, mask and weights"),
    "divided by nothing": ("[[change]]\ndivide = 0", "cannot be divided by 0"),
    "divided by words": ('[[change]]\ndivide = "two"', "divide is a number"),
    "unknown mask": ('[[change]]\nmask = "half"', "mask is one of"),
    "window of nothing": ('[[change]]\nmask = "window"', "1 token or more"),
    "layer of letters": ('[[change]]\ndivide = 1\nlayers = ["one"]', "list of whole numbers"),
    "no such layer": ("[[change]]\ndivide = 1\nlayers = [5]", "no layer 5: the last one is 4"),
    "no such head": ("[[change]]\ndivide = 1\nheads = [4]", "no head 4"),
    "no such token": ("[[change]]\ndivide = 1\nqueries = [999]", "no token 999"),
    "no such row": ('[[change]]\nweights = "row"\nrow = -1', "no token -1"),
}


@pytest.mark.parametrize(("more", "why"), BAD.values(), ids=BAD)
def test_bad_input_is_one_line_and_leaves_nothing(model, tmp_path, monkeypatch, capsys, more, why):
    monkeypatch.chdir(tmp_path)
    Path("latin.txt").write_bytes(b"caf\xe9")
    Path("blank.txt").write_text(" \n\t")
    Path("broken.toml").write_text("[[change]]\ndivide = ")
    before = sorted(path.name for path in tmp_path.iterdir())
    try:
        status = main(["--model", model, "--out", "new/out", *more])
    except SystemExit as ended:  # argparse's way
        status = ended.code
    told = capsys.readouterr()
    assert status == 2
    assert why in told.err
    assert told.err.startswith("python -m core: ")
    assert told.err.count("\n") == 1
    assert told.out == ""
    assert sorted(path.name for path in tmp_path.iterdir()) == before


@pytest.mark.parametrize(("content", "why"), BAD_EXPERIMENTS.values(), ids=BAD_EXPERIMENTS)
def test_a_bad_experiment_is_one_line_and_leaves_nothing(model, tmp_path, capsys, content, why):
    file = tmp_path / "file.toml"
    file.write_text(content)
    assert main(["--model", model, "--out", str(tmp_path / "out"), "--experiment", str(file)]) == 2
    told = capsys.readouterr()
    assert why in told.err
    assert (told.err.count("\n"), told.out) == (1, "")
    assert [path.name for path in tmp_path.iterdir()] == ["file.toml"]


def test_a_failure_while_writing_leaves_nothing(model, text_file, tmp_path, monkeypatch, capsys):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("core.export.files.write_long_csv", full)
    assert main(["--model", model, "--text-file", str(text_file), "--out", str(tmp_path / "out")]) == 2
    assert "No space left on device" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["text.txt"]


def test_a_run_that_is_ended_leaves_nothing(model, text_file, tmp_path):
    command = [sys.executable, "-m", "core", "--model", model, "--text-file", text_file, "--out", tmp_path / "out"]
    run = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        deadline = time.monotonic() + 30
        while not list(tmp_path.glob(".out-*")):
            assert run.poll() is None, run.communicate()[1]
            assert time.monotonic() < deadline
            time.sleep(0.02)
        run.terminate()
        assert run.wait(30) == 128 + signal.SIGTERM
    finally:
        run.kill()
        run.communicate()
    assert [path.name for path in tmp_path.iterdir()] == ["text.txt"]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("stream", [Terminal, io.StringIO])
def test_progress_shows_on_a_terminal_only(model, text_file, tmp_path, monkeypatch, stream):
    shown = stream()
    monkeypatch.setattr(sys, "stderr", shown)
    assert main(["--model", model, "--text-file", str(text_file), "--out", str(tmp_path / "out")]) == 0
    for step in ("loading", "running", "all parts", "writing"):
        assert (step in shown.getvalue()) == shown.isatty()
