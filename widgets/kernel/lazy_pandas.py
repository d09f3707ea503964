"""bqplot without pandas, which it imports for dates and tables: the lab has none, and pandas costs every learner's
kernel 25 MB and 0.2 s. Imported first of all widgets; where bqplot does use pandas, it gets it.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import Any


class Table:
    """pandas.DataFrame: a class for bqplot's traits to name; what is made of it is the real one.

    But for the empty one, their default, of which each of their owners takes a copy.
    """

    def __new__(cls, *values: Any, **options: Any) -> Any:
        return import_module("pandas").DataFrame(*values, **options) if values or options else super().__new__(cls)

    def copy(self) -> Any:
        return import_module("pandas").DataFrame()


class Pandas(ModuleType):
    """pandas, imported when something of it is asked for."""

    DataFrame = Table

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # asked by Python itself
            raise AttributeError(name)
        put_back(self)  # it is asked for while bqplot is imported
        return getattr(import_module("pandas"), name)


def put_back(stand_in: Pandas) -> None:
    """For everybody who comes later the real one."""
    if sys.modules.get("pandas") is stand_in:
        del sys.modules["pandas"]


def import_bqplot() -> None:
    """Import bqplot without pandas; with it where bqplot no longer lets itself be imported so."""
    stand_in = sys.modules["pandas"] = Pandas("pandas")
    known = set(sys.modules)
    try:
        import_module("bqplot")
    except Exception:
        put_back(stand_in)
        for name in set(sys.modules) - known:
            if name.partition(".")[0] == "bqplot":
                del sys.modules[name]
        import_module("bqplot")
    finally:
        put_back(stand_in)


if "pandas" not in sys.modules:
    import_bqplot()
