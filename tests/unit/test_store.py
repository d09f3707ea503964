"""Stored captures: found again, bounded, whole or not there, whoever else writes."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.model.capture import ARRAYS, Capture, read_capture
from core.model.catalogue import SHIPPED
from core.model.store import SUFFIX, cache_folder, entry, model_key, store_capture, stored_capture
from tests.captures import random_capture

ROOT = Path(__file__).parents[2]
KEY = "a model"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LAB_CACHE", str(tmp_path / "captures"))
    return tmp_path / "captures"


def captured(text: str) -> Capture:
    return replace(random_capture(layers=2, heads=2, tokens=8, width=4), text=text)


def files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def test_what_was_stored_comes_back(folder: Path) -> None:
    made = captured("lone \ud800, ünïcode\n")
    assert stored_capture(KEY, made.text) is None
    store_capture(KEY, made)
    found = stored_capture(KEY, made.text)
    assert found is not None
    assert (found.model, found.text, found.token_text) == (made.model, made.text, made.token_text)
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(found, name), getattr(made, name))
    assert len(files(folder)) == 1


def test_another_text_or_model_is_not_found() -> None:
    store_capture(KEY, captured("one"))
    assert stored_capture(KEY, "One") is None
    assert stored_capture("another model", "one") is None


def test_a_model_that_is_not_here_has_no_key_and_nothing_stored(folder: Path) -> None:
    assert model_key("no such model") is None
    store_capture(None, captured("one"))
    assert stored_capture(None, "one") is None
    assert not folder.exists()


def test_the_key_changes_with_any_of_the_models_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = tmp_path / "tiny"
    model.mkdir()
    monkeypatch.setenv("LAB_MODEL", str(model))
    for name in ("config.json", "tokenizer.json", "model.safetensors"):
        (model / name).write_text("one")
    keys = [model_key("tiny"), model_key("tiny")]
    for path in sorted(model.iterdir()):
        at = path.stat()
        time.sleep(0.02)  # a file system's clock ticks every few ms
        path.write_text("two")
        os.utime(path, ns=(at.st_atime_ns, at.st_mtime_ns))  # as copying programs do
        keys.append(model_key("tiny"))
    assert keys[0] == keys[1] is not None
    assert len(set(keys)) == 4
    assert model_key(SHIPPED) not in keys


@pytest.mark.parametrize("damage", ["cut", "emptied", "one byte", "of another text"])
def test_a_damaged_entry_is_not_taken_and_made_again(folder: Path, damage: str) -> None:
    store_capture(KEY, captured("one"))
    (path,) = files(folder)
    content = path.read_bytes()
    if damage == "cut":
        path.write_bytes(content[: len(content) // 2])
    elif damage == "emptied":
        path.write_bytes(b"")
    elif damage == "one byte":
        middle = content.index(read_capture(path).query.tobytes()) + 5
        path.write_bytes(content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :])
    else:
        store_capture(KEY, captured("two"))
        entry(KEY, "two").rename(path)
    before = path.stat()
    assert stored_capture(KEY, "one") is None
    assert path.stat() == before, "who looks one up neither writes nor removes"
    store_capture(KEY, captured("one"))
    assert stored_capture(KEY, "one") is not None


def test_what_was_stored_first_makes_room(folder: Path) -> None:
    texts = ["a", "b", "c", "d"]
    size = 0
    for text in texts[:3]:
        store_capture(KEY, captured(text))
        size = max(path.stat().st_size for path in files(folder))
        os.utime(entry(KEY, text), (1e9 + texts.index(text),) * 2)
    store_capture(KEY, captured("d"), most_bytes=int(3.5 * size))
    assert [text for text in texts if entry(KEY, text).exists()] == ["b", "c", "d"]


def test_what_an_earlier_version_stored_goes(folder: Path) -> None:
    """It kept what learners had typed."""
    folder.mkdir()
    for name in ("0123abcd.capture.npz", "1-0123abcd.capture.npz", ".17-18.capture.npz"):
        (folder / name).write_text("a learner's words")
    (folder / "somebody-elses.npz").touch()
    store_capture(KEY, captured("one"))
    assert [path.name for path in files(folder)] == [entry(KEY, "one").name, "somebody-elses.npz"]


def test_what_takes_too_much_of_the_room_is_not_stored(folder: Path) -> None:
    made = captured("one")
    store_capture(KEY, made, most_bytes=2 * 3 * made.query.nbytes)
    assert not folder.exists()


FAULTS: dict[str, Callable[[Path, Path], object]] = {
    "a file in the folder's place": lambda folder, _: folder.write_text("a file"),
    "a folder in the entry's place": lambda _, path: path.mkdir(parents=True),
    "a link to itself": lambda folder, _: folder.symlink_to(folder),
    "a device that is always full": lambda folder, path: (folder.mkdir(), path.symlink_to("/dev/full")),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_the_folder_does_is_only_logged(folder: Path, fault: str, caplog: pytest.LogCaptureFixture) -> None:
    """It was "This text could not be run", although the model had run it."""
    FAULTS[fault](folder, entry(KEY, "one"))
    assert stored_capture(KEY, "one") is None
    store_capture(KEY, captured("one"))
    assert caplog.text


@pytest.mark.parametrize("place", ["/" + 300 * "a", "~nobody-of-that-name/captures", "/proc/captures"])
def test_a_place_that_cannot_be_is_only_logged(
    place: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)  # a name without its user is one of a folder here
    monkeypatch.setenv("LAB_CACHE", place)
    assert stored_capture(KEY, "one") is None
    store_capture(KEY, captured("one"))
    assert caplog.text or stored_capture(KEY, "one") is not None


WRITER = """
import sys
from collections.abc import Callable
from dataclasses import replace
from core.model.store import store_capture
from tests.captures import random_capture
made = replace(random_capture(layers=2, heads=2, tokens=64, width=16), text="one")
print("ready", flush=True)
for _ in range(40):
    store_capture("a model", made, most_bytes=1_000_000)
"""


def test_writers_at_once_leave_a_whole_entry_at_any_time(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    command = [sys.executable, "-c", WRITER]
    writers = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(2)]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"ready\n"
    found = 0
    while any(writer.poll() is None for writer in writers):
        found += stored_capture(KEY, "one") is not None
    for writer in writers:
        _, errors = writer.communicate()
        assert (writer.returncode, errors) == (0, b"")
    assert found > 0
    assert caplog.text == "", "nothing was ever damaged"
    assert [path.name for path in files(folder)] == [entry(KEY, "one").name]


@pytest.mark.parametrize(
    ("platform", "variables", "expected"),
    [
        ("linux", {"LAB_CACHE": "/shared"}, "/shared"),
        ("linux", {"XDG_CACHE_HOME": "/x"}, "/x/attention-scores-lab"),
        ("linux", {}, "/home/a/.cache/attention-scores-lab"),
        ("darwin", {}, "/home/a/Library/Caches/attention-scores-lab"),
    ],
)
def test_the_folder_is_the_users_cache(
    monkeypatch: pytest.MonkeyPatch, platform: str, variables: dict[str, str], expected: str
) -> None:
    for name in ("LAB_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in ({"HOME": "/home/a"} | variables).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", platform)
    assert cache_folder() == Path(expected)
    assert SUFFIX.endswith(".npz"), "numpy would add it"
