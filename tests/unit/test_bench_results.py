"""What `make bench` last measured: every row, each with its reference, and told in its README."""

from tests.bench import results
from tests.bench.check import faults
from tests.bench.readme import README


def test_every_row_was_measured_beside_its_reference_and_the_readme_tells_it():
    assert faults(results.read(), README.read_text(encoding="utf-8")) == []
