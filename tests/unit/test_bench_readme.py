"""The READMEs say what results.json says."""

import pytest

from tests.bench import class_size, results
from tests.bench.readme import FILES, MARKED, TABLES, filled

MACHINES = {"classroom": {"cores": 2}}
ROWS = {"class-memory": {"value": 4.5}, "learner-private": {"value": 280.0}, "hub-server": {"value": 100.0}}


def test_the_readmes_quote_what_was_measured_last() -> None:
    texts = [file.read_text(encoding="utf-8") for file in FILES]
    assert [mark[2] for text in texts for mark in MARKED.finditer(text)] == ["speed", "class"] == list(reversed(TABLES))
    for text in texts:
        assert filled(text, results.read()) == text, "run `python -m tests.bench.readme`"


def test_a_class_of_any_size_is_reckoned_from_thirty_learners() -> None:
    *_, thirty, hundred, three_hundred = class_size.table({"rows": ROWS, "machines": MACHINES}).splitlines()
    assert thirty == "| 30 | `make app` | 2 | 6 GB | 13 GB |"  # 1.25 · 4.5; 1.25 · (30 · 0.28 + 1.52)
    assert hundred == "| 100 | `make hub` | 7 | 32 GB | 50 GB |"  # 1.25 · 100 · 0.25; 1.25 · (100 · 0.38 + 1.52)
    assert three_hundred == "| 300 | Kubernetes | 20 | 94 GB | 145 GB |"


@pytest.mark.parametrize("missing", ROWS)
def test_nothing_is_made_up_where_a_row_is_missing(missing: str) -> None:
    rows = {key: row for key, row in ROWS.items() if key != missing}
    assert "|" not in class_size.table({"rows": rows, "machines": MACHINES})
