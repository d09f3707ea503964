"""Pictures and controls of the lab: bqplot figures and ipywidgets panels; the numbers come from `core`."""

from widgets import pandas_later as pandas_later
