"""Pictures and controls of the lab: bqplot figures and ipywidgets panels; the numbers come from `core`."""

import core  # noqa: F401  before numpy, which bqplot brings
from widgets import pandas_later as pandas_later
