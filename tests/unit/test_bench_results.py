"""What `make bench` last measured: every row, each with its reference, and told in the README."""

from pathlib import Path

from tests.bench import results
from tests.bench.check import faults


def test_every_row_was_measured_beside_its_reference_and_the_readme_tells_it():
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    assert faults(results.read(), readme) == []
