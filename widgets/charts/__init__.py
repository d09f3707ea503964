"""The few kinds of chart, all bqplot figures without WebGL: made once, then redrawn in place by `draw`."""

from widgets.charts.bars import Bars, Row, TokenBars
from widgets.charts.columns import Columns, Levels
from widgets.charts.heatmap import HeatMap
from widgets.charts.heatmap_grid import HeatMapGrid
from widgets.charts.layer_lines import LayerLines
from widgets.charts.lines import Curve, LineChart, Series
from widgets.charts.matrix import data_limits
from widgets.charts.scatter import ScatterChart
from widgets.charts.violins import Group, Violins

__all__ = [
    "Bars",
    "Columns",
    "Curve",
    "Group",
    "HeatMap",
    "HeatMapGrid",
    "LayerLines",
    "Levels",
    "LineChart",
    "Row",
    "ScatterChart",
    "Series",
    "TokenBars",
    "Violins",
    "data_limits",
]
