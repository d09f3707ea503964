"""The training script on a tiny text: killed, damaged, resumed, and the same model as without all that."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from core.default_model.training import train

ROOT = Path(__file__).parents[2]
TINY = (
    "--compile no --layers 2 --heads 2 --embedding 32 --positions 32 --vocabulary 300 --windows 4 --steps 200 "
    "--validation-every 50 --validation-windows 4 --checkpoint-seconds 0.1"
).split()


@pytest.fixture(scope="module")
def text_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixty articles of words drawn at random, in two files."""
    folder = tmp_path_factory.mktemp("text")
    words = random.Random(0).choices("red green blue purple pink old new light dark and or is".split(), k=6000)
    articles = [" ".join(words[first : first + 100]).replace("or is", "or is\n\n") for first in range(0, 6000, 100)]
    for name, part in (("a.txt", articles[:30]), ("b.txt", articles[30:])):
        (folder / name).write_text("\n\n<|endoftext|>\n\n".join(part))
    return folder


def command(text: Path, place: Path, *more: str) -> list[str]:
    where = ["--out", str(place / "out"), "--work", str(place / "work")]
    return [sys.executable, "-m", "core.default_model.training.train", str(text), *where, *TINY, *more]


def run(text: Path, place: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(text, place, *more), cwd=ROOT, capture_output=True, text=True, timeout=180, check=False
    )


def start_until_checkpoint(text: Path, place: Path, count: int) -> subprocess.Popen[str]:
    """A training process that has written at least its `count`-th checkpoint."""
    process = subprocess.Popen(command(text, place), cwd=ROOT, stdout=subprocess.PIPE, text=True)
    seen: set[Path] = set()
    deadline = time.monotonic() + 120
    while len(seen) < count:
        assert process.poll() is None, "the training ended before it could be stopped"
        assert time.monotonic() < deadline, "no checkpoint within two minutes"
        seen |= set((place / "work").glob("step-*.pt"))
        time.sleep(0.01)
    return process


def workers_of(place: Path) -> list[int]:
    """The processes that hold the token file of this run open."""
    found = []
    for maps in Path("/proc").glob("[0-9]*/maps"):
        try:
            if str(place / "work" / "training.ids.npy") in maps.read_text():
                found.append(int(maps.parent.name))
        except OSError:
            continue
    return found


@pytest.fixture(scope="module")
def undisturbed(text_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("undisturbed")
    done = run(text_folder, place)
    assert done.returncode == 0, done.stderr
    assert "step 200/200" in done.stdout
    return place


def test_what_it_writes_loads(undisturbed: Path) -> None:
    out = undisturbed / "out"
    model, tokenizer = AutoModelForCausalLM.from_pretrained(out), AutoTokenizer.from_pretrained(out)
    ids = tokenizer("red and blue", return_tensors="pt").input_ids
    assert tokenizer.decode(ids[0]) == "red and blue"
    assert model.dtype == torch.float16
    assert model(ids).logits.shape == (1, ids.shape[1], 300)
    card = (out / "README.md").read_text()
    assert "not GPT-2" in card
    rows_of_heads = card.partition("## Every head")[2]
    assert rows_of_heads.count("\n| 1 | ") == 2, "one row of the head table for each head of layer 1"


def test_killed_and_damaged_it_ends_in_the_same_model(text_folder: Path, undisturbed: Path, tmp_path: Path) -> None:
    process = start_until_checkpoint(text_folder, tmp_path, count=3)
    process.kill()
    process.wait()
    deadline = time.monotonic() + 60
    while workers_of(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not workers_of(tmp_path), "workers outlived the process that started them"
    newest, before = sorted((tmp_path / "work").glob("step-*.pt"), reverse=True)
    newest.write_bytes(newest.read_bytes()[:-1000])

    resumed = run(text_folder, tmp_path)

    assert resumed.returncode == 0, resumed.stderr
    assert f"{newest.name} is damaged; going back to the one before" in resumed.stderr
    assert before.name < newest.name
    expected = AutoModelForCausalLM.from_pretrained(undisturbed / "out").state_dict()
    got = AutoModelForCausalLM.from_pretrained(tmp_path / "out").state_dict()
    for name, weight in expected.items():
        torch.testing.assert_close(got[name], weight, rtol=0, atol=0, msg=name)


def test_a_stop_keeps_the_place(text_folder: Path, tmp_path: Path) -> None:
    process = start_until_checkpoint(text_folder, tmp_path, count=1)
    process.send_signal(signal.SIGINT)
    printed, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    step = int(printed.split("stopped at step ")[1].split(";")[0])
    assert (tmp_path / "work" / f"step-{step:07d}.pt").exists()
    assert not (tmp_path / "out").exists()


def refused(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    assert train.main([*map(str, arguments), *TINY]) == 2
    lines = capsys.readouterr().err.strip().splitlines()
    return lines[-1]


def test_no_text(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "blank.txt").write_text(" \n\n ")
    there = ["--out", tmp_path / "out", "--work", tmp_path / "work"]
    assert refused(capsys, tmp_path / "nothing.txt", *there).startswith("no such file or folder")
    assert refused(capsys, tmp_path / "empty", *there).startswith("no .txt file in")
    assert refused(capsys, tmp_path / "blank.txt", *there).startswith("no text in")
    assert not (tmp_path / "work").exists()


def test_too_short(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "short.txt").write_text("one\n<|endoftext|>\ntwo")
    there = ["--out", tmp_path / "out", "--work", tmp_path / "work"]
    assert "the training text is too short" in refused(capsys, tmp_path / "short.txt", *there)
    (tmp_path / "one.txt").write_text("one article only")
    assert "one article is not enough" in refused(capsys, tmp_path / "one.txt", *there)
    assert not (tmp_path / "work").exists()


def test_a_model_is_not_overwritten(capsys: pytest.CaptureFixture[str], text_folder: Path, undisturbed: Path) -> None:
    weights = undisturbed / "out" / "model.safetensors"
    before = weights.stat().st_mtime_ns
    there = ["--out", undisturbed / "out", "--work", undisturbed / "work"]
    assert "holds a model already" in refused(capsys, text_folder, *there)
    assert weights.stat().st_mtime_ns == before


def test_a_run_is_not_mixed_with_another(
    capsys: pytest.CaptureFixture[str], text_folder: Path, undisturbed: Path, tmp_path: Path
) -> None:
    there = ["--out", tmp_path / "out", "--work", undisturbed / "work"]
    assert "was begun with another text" in refused(capsys, text_folder / "a.txt", *there)
    assert train.main([*map(str, [text_folder, *there]), *TINY, "--adam-rate", "0.5"]) == 2
    assert "other settings (adam_rate)" in capsys.readouterr().err


def test_nothing_is_overwritten_when_every_checkpoint_is_damaged(
    capsys: pytest.CaptureFixture[str], text_folder: Path, tmp_path: Path
) -> None:
    work = tmp_path / "work"
    process = start_until_checkpoint(text_folder, tmp_path, count=1)
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=60)
    files = list(work.glob("step-*.pt"))
    for file in files:
        os.truncate(file, 100)
    assert "every checkpoint" in refused(capsys, text_folder, "--out", tmp_path / "out", "--work", work)
    assert sorted(work.glob("step-*.pt")) == sorted(files)
