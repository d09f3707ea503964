"""A program is taken apart into its words, its imports, its settings and its body."""

from pathlib import Path

import pytest

from core.export.programs import read

PROGRAM = '''"""A mask and its softmax."""

import numpy as np

from core.model.program import T, visible

{top}
print(M.shape)
'''


@pytest.mark.parametrize("name", ["M = np.where(visible[0], 0, -np.inf)", "A = np.zeros((T, T))", "MASK = visible[0]"])
def test_a_first_line_in_capitals_is_no_setting_unless_the_lab_has_one_of_its_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / "program.py"
    path.write_text(PROGRAM.format(top=name))
    source = read(path)
    assert source.settings == []
    assert source.body == f"{name}\nprint(M.shape)"


def test_settings_of_the_lab_stand_on_top(tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text(PROGRAM.format(top="LAYER = 2\nMASK_SIZE = 5  # tokens\nM = visible[LAYER]"))
    source = read(path)
    assert source.settings == ["LAYER = 2", "MASK_SIZE = 5  # tokens"]
    assert source.body == "M = visible[LAYER]\nprint(M.shape)"
    assert source.imports == ["import numpy as np"]
