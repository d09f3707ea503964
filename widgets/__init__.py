"""Pictures and controls of the lab: bqplot figures and ipywidgets panels; the numbers come from `core`."""

import os

import core  # noqa: F401  before numpy, which bqplot brings
from widgets.kernel import lazy_pandas as lazy_pandas

os.environ.setdefault("JUPYTER_WIDGETS_ECHO", "0")  # of a page's change to itself: see widgets/kernel/batch.py
