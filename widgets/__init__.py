"""Pictures and controls of the lab: bqplot figures and ipywidgets panels; the numbers come from `core`."""
