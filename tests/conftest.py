"""What every test may use."""

import os

import pytest

# The tests share two cores with browsers and kernels; torch reads this once, when it is first imported.
os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture(scope="session", autouse=True)
def _own_captures(tmp_path_factory: pytest.TempPathFactory) -> None:
    """No capture of the user's is read, and none is left behind."""
    os.environ["LAB_CACHE"] = str(tmp_path_factory.mktemp("captures"))
