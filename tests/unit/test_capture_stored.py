"""A stored capture comes back as it was, quickly and without torch."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from core.model.capture import Capture, read_capture, write_capture
from core.model.catalogue import SHIPPED, SHIPPED_FOLDER
from core.model.default_capture import STORED, default_capture
from core.model.facts import ModelFacts, Projection
from core.model.texts import DEFAULT_TEXT
from tests.same import assert_same

ROOT = Path(__file__).resolve().parents[2]


def some_capture() -> Capture:
    random = np.random.default_rng(0)
    query, key, value = random.normal(size=(3, 2, 4, 6)).astype(np.float32)
    facts = ModelFacts(
        name="made up",
        revision="0123",
        shipped=False,
        family="gpt2",
        layers=2,
        heads=3,
        key_value_heads=3,
        embedding=6,
        head_width=2,
        parameters=1234,
        positions=8,
        vocabulary=9,
        projections=(Projection("a", 6), Projection("b", 3)),
        largest_difference=3e-7,
    )
    return Capture(
        heads=3,
        model=facts,
        text="a \ud800 'quoted' \0 שלום 😀",
        token_ids=np.array([1, 2, 3, 8]),
        token_text=("a", "␣", "\\xf0", "שלום"),
        text_tokens=7,
        query=query,
        key=key,
        value=value,
        scale=np.array([0.5, 0.25]),
        softcap=np.array([np.inf, 50.0]),
        masks=np.stack([np.tril(np.ones((4, 4), bool)), np.eye(4, dtype=bool)]),
        mask_of_layer=np.array([0, 1]),
        next_ids=np.array([4, 5]),
        next_text=("x", "y"),
        next_probability=np.array([0.5, 0.25], dtype=np.float32),
    )


def test_a_stored_capture_comes_back_the_same(tmp_path):
    made = some_capture()
    write_capture(made, tmp_path / "capture.npz")
    read = read_capture(tmp_path / "capture.npz")
    assert_same(made, read)
    assert read.model == made.model
    assert isinstance(read.model.projections[1], Projection)
    np.testing.assert_array_equal(read.split_heads("key", 1)[2], made.key[1][:, 4:6])


def test_the_same_capture_is_stored_in_the_same_bytes(tmp_path):
    for name in ("a.npz", "b.npz"):
        write_capture(some_capture(), tmp_path / name)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_other_files_are_refused(tmp_path):
    with pytest.raises(OSError, match=r"missing\.npz"):
        read_capture(tmp_path / "missing.npz")
    (tmp_path / "text.npz").write_text("not an archive")
    with pytest.raises(ValueError, match="pickle"):
        read_capture(tmp_path / "text.npz")
    np.savez(tmp_path / "other.npz", query=np.zeros(3))
    with pytest.raises(KeyError, match="words"):
        read_capture(tmp_path / "other.npz")
    np.savez(tmp_path / "pickle.npz", words=np.array([{"a": 1}], dtype=object))
    with pytest.raises(ValueError, match="allow_pickle=False"):
        read_capture(tmp_path / "pickle.npz")


def test_looking_at_the_default_capture_imports_no_torch():
    code = (
        "import sys\n"
        "from core.model.default_capture import default_capture\n"
        "from core.model.catalogue import offers\n"
        "shown = default_capture()\n"
        "assert shown.split_heads('query', 0).shape == (shown.heads, shown.tokens, shown.head_width)\n"
        "assert len(offers()) >= 6\n"
        "print(*sorted({'torch', 'transformers', 'tokenizers'} & set(sys.modules)))"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == ""


def test_the_default_capture_is_of_the_shipped_model_and_the_default_text():
    shown = default_capture()
    assert shown.text == DEFAULT_TEXT
    assert shown.text_tokens == shown.tokens, "the default text fits whole"
    assert shown.model.name == SHIPPED
    assert shown.model.shipped
    assert shown.query.shape == (shown.model.layers, shown.tokens, shown.model.embedding)
    assert len(shown.next_text) == 5
    assert (np.diff(shown.next_probability) <= 0).all()


def test_the_default_capture_is_stored_plainly():
    """Uncompressed: float32 activations hardly shrink, and the first picture waits for the reading."""
    with zipfile.ZipFile(STORED) as archive:
        assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_STORED}
    assert SHIPPED_FOLDER.is_dir()
