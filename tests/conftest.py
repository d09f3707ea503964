"""What every test may use."""

import os

import pytest

# The tests share two cores with browsers and kernels; torch reads this once, when it is first imported.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# Where models, servers and browsers are run: a deprecated call that our own lines make is a mistake, what packages warn
# each other of is theirs, and what they leave open ends with them.
AMONG_PACKAGES = ("integration", "browser")
OURS = tuple(
    f"error::{kind}:(core|widgets|tests)(\\..*)?$" for kind in ("DeprecationWarning", "PendingDeprecationWarning")
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent.name in AMONG_PACKAGES:
            item.add_marker(pytest.mark.filterwarnings("default", "ignore::ResourceWarning", *OURS))


@pytest.fixture(scope="session", autouse=True)
def _own_captures(tmp_path_factory: pytest.TempPathFactory) -> None:
    """No capture of the user's is read, and none is left behind."""
    os.environ["LAB_CACHE"] = str(tmp_path_factory.mktemp("captures"))
