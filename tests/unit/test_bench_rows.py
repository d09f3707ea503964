"""What keeps the benchmark's rows, its results and its README together, tried on made results."""

from __future__ import annotations

import copy

import pytest

from tests.bench import results
from tests.bench.check import HEADING, faults
from tests.bench.rows import MODULES, ROWS, Measured, Row

MACHINE = {
    "processor": "A made processor",
    "cores": 2,
    "memory_gb": 24,
    "system": "Linux",
    "load": [0.1, 0.1, 0.1],
    "measured": "2026-01-01 00:00",
    "versions": {"python": "3.11"},
}
VALUE = Row("compute", "value", "What", "ms", "beside", "value", 10)
DIFFERENCE = Row("compute", "difference", "What", "ms", "beside", "difference", 10)
RATIO = Row("compute", "ratio", "What", "ms", "beside", "ratio", 0.5)
TOLD = Row("compute", "told", "What", "ms", "beside", "ratio", None)


@pytest.mark.parametrize(
    ("row", "value", "reference", "compared", "met"),
    [
        (VALUE, 10, 1, 10, True),
        (VALUE, 10.1, 100, 0.101, False),
        (DIFFERENCE, 30, 20, 10, True),
        (DIFFERENCE, 31, 20, 11, False),
        (RATIO, 5, 10, 0.5, True),
        (RATIO, 6, 10, 0.6, False),
        (TOLD, 5, 100, 0.05, None),
    ],
)
def test_a_row_is_judged_by_its_value_difference_or_ratio_or_told(row, value, reference, compared, met):
    assert row.compared(value, reference) == pytest.approx(compared)
    assert row.met(value, reference) is met


def test_a_figure_is_the_median_or_another_quantile_of_the_runs():
    assert VALUE.figure([3, 1, 50]) == 3
    assert Row("compute", "p95", "What", "ms", "beside", "value", 10, quantile=0.95).figure(range(101)) == 95


def test_rows_can_be_told_apart_and_belong_to_a_module():
    assert len({row.key for row in ROWS}) == len({row.what for row in ROWS}) == len(ROWS)
    assert {row.module for row in ROWS} == set(MODULES)


@pytest.fixture
def measured(tmp_path, monkeypatch):
    """Every row by `add`, all within their reach but two."""
    monkeypatch.setattr(results, "FILE", tmp_path / "results.json")
    for module in MODULES:
        results.start(module, MACHINE)
    for row in ROWS:
        limit = row.limit or 0
        value = 3 * limit + 5 if row.key in ("drag-median", "forward-105") else limit * 0.9
        results.add(Measured(row.key, [value] * 7, [2.0] * 7))
    return results.read()


def readme_of(measured) -> str:
    missed = "".join(f"- **{row.what}**: tried.\n" for row in ROWS if measured["rows"][row.key]["met"] is False)
    return f"On A made processor:\n{results.table(measured)}\n{HEADING}\n{missed}\n## Next\n"


def test_a_whole_run_that_the_readme_tells_has_no_fault(measured):
    missed = {key for key, entry in measured["rows"].items() if entry["met"] is False}
    assert missed == {"drag-median", "forward-105"}
    assert faults(measured, readme_of(measured)) == []
    told = next(line for line in readme_of(measured).splitlines() if "from a capture, T = 105" in line)
    assert told.endswith("| 0 × |  |  |"), "neither a reach nor a judgement"


def test_measuring_a_module_again_forgets_its_rows_only(measured):
    results.start("compute", MACHINE)
    left = results.read()["rows"]
    assert left == {row.key: measured["rows"][row.key] for row in ROWS if row.module != "compute"}


def test_what_is_missing_or_does_not_fit_is_found(measured):
    readme = readme_of(measured)

    def found(change) -> str:
        changed = copy.deepcopy(measured)
        change(changed)
        return "; ".join(faults(changed, readme))

    assert found(lambda r: r["rows"].pop("new-text")) == "new-text was not measured"
    assert found(lambda r: r["rows"]["new-text"].update(references=[])) == "new-text: 0 runs of its reference"
    assert found(lambda r: r["rows"]["new-text"].update(values=[1.0] * 6)) == "new-text: 6 runs of its value"
    assert found(lambda r: r["rows"]["new-text"].update(value=1.0)) == "new-text: its value is not that of its runs"
    assert found(lambda r: r["rows"]["drag-median"].update(met=True)) == "drag-median: judged by another limit"
    assert found(lambda r: r["machines"].pop("browser")) == "no machine is named for browser"
    assert found(lambda r: r["rows"].update(other=r["rows"]["new-text"])) == "other is no row"
    assert "does not name Another" in found(lambda r: r["machines"]["compute"].update(processor="Another"))


def test_a_readme_that_tells_another_story_is_found(measured):
    readme = readme_of(measured)
    slow = next(row for row in ROWS if row.key == "forward-105")
    quick = next(row for row in ROWS if row.key == "forward-1024")
    unsaid = readme.replace(f"- **{slow.what}**: tried.\n", "")
    assert faults(measured, unsaid) == [f"the README does not say that forward-105 falls short, as **{slow.what}**"]
    wrong = readme.replace(f"**{slow.what}**", f"**{slow.what}** **{quick.what}**")
    assert faults(measured, wrong) == ["the README says that forward-1024 falls short, which it does not"]
    line = results.table(measured).splitlines()[2]
    assert faults(measured, readme.replace(line, "")) == [f"the README lacks the line {line}"]
