"""The few kinds of chart, all bqplot figures without WebGL: made once, then redrawn in place by `draw`."""
