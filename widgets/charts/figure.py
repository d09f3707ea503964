"""What every chart shares: the figure, its title, axes and legend, the pointer, and the switch of theme."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from bqplot import Axis, Figure, Label, LinearScale, LogScale
from bqplot.marks import Mark
from bqplot_image_gl.interacts import MouseInteraction
from ipywidgets import Widget

from core.writing import number
from widgets.charts.pixels import Pixels
from widgets.charts.shared_scales import Limits, SharedScales
from widgets.theme import LIGHT, Theme

EDGE = 4  # px between the figure's left edge and the title
Point = tuple[float, float]


class Key(NamedTuple):
    """One entry of a legend: words in the colour of their mark, after a sign that looks like the mark."""

    sign: str
    name: str
    color: str  # the theme's name of it


class Chart(SharedScales):
    """A figure with room reserved for everything around the plot, so that nothing moves when it is drawn.

    `widget` goes on the page; a subclass has `draw`, which changes the marks in place and ends in `reveal`.
    The header stands above the plot at the figure's left edge: title, then `rows` of legend or colour bar,
    then the y axis's words.

    Args:
        height: of the whole figure, px; where one row of charts fills the window it is higher.
        left, right, bottom: margins, px, for tick labels and what stands beside the plot.
        y_top: y grows downwards (row 0 at the top).
    """

    def __init__(
        self,
        title: str,
        *,
        x_label: str,
        y_label: str,
        height: int = 340,
        left: int = 52,
        right: int = 14,
        bottom: int = 52,
        rows: int = 0,
        log_y: bool = False,
        y_top: bool = False,
    ):
        super().__init__()
        self.theme: Theme = LIGHT
        self.note = ""
        """What the drawing leaves out, as a sentence for the page; empty if nothing."""
        line = LIGHT.size_small + 8
        title_line = line + 4 if title else 0
        top = EDGE + title_line + rows * line + (line if y_label else 0) + 4
        self.left, self.plot_height = left, height - top - bottom
        self.row_offsets = [EDGE + line / 2 - top + title_line + row * line for row in range(rows)]
        self._legend: list[tuple[Label, str]] = []
        self._marks: list[Mark] = []
        self._callbacks: dict[str, list[Callable[[Point | None], None]]] = {"click": [], "hover": []}
        self._scale(log_y, y_top)
        self.x_axis = Axis(scale=self.x_scale, label=x_label, grid_lines="none", label_offset="38px")
        self.x_axis.tick_style = {"transform": "translate(0, calc(9em / 14 - 9px))"}  # room above grows with the font
        self.y_axis = Axis(scale=self.y_scale, side="left", grid_lines="solid")
        self.title = self.words(title, EDGE + line / 2 - top, weight="bold")
        self.y_label = self.words(y_label, -line / 2 - 4)
        self.widget = Figure(
            fig_margin={"top": top, "bottom": bottom, "left": left, "right": right},
            background_style={"fill": "transparent"},
            padding_y=0,
            display_toolbar=False,
            layout={"width": "100%", "min_width": "0", "min_height": f"{height}px"},
        ).add_class("lab-chart")

    def _scale(self, log_y: bool, y_top: bool) -> None:
        linear = {"min": 0.0, "max": 1.0, "allow_padding": False}
        self.x_scale = LinearScale(**linear)
        self.y_scale = LogScale(**{**linear, "min": 0.1}) if log_y else LinearScale(**linear, reverse=y_top)
        # Figure's own 0 … 1 scales clamp, and the header stands outside the plot.
        self.unit_x, self.unit_y = LinearScale(**linear), LinearScale(**linear)

    def words(self, text: str, offset: float, **style: Any) -> Label:
        """A line of the header: `offset` px below the plot's top, from the figure's left edge."""
        return self.label([text], [0], [1], x_offset=EDGE - self.left, y_offset=round(offset), **style)

    def label(self, text: Sequence[str], x: Any, y: Any, **style: Any) -> Label:
        """Words at fractions of the plot, or in data coordinates where `scales` says so; may stand outside."""
        weight = style.pop("weight", "normal")
        return Label(
            text=np.array(text, np.str_),
            x=np.asarray(x, np.float32),
            y=np.asarray(y, np.float32),
            scales=style.pop("scales", {"x": self.unit_x, "y": self.unit_y}),
            font_weight=weight,
            apply_clip=False,
            preserve_domain={"x": True, "y": True},
            **style,
        )

    def finish(self, *marks: Mark, legend: Sequence[Key] = ()) -> None:
        """End the making: the marks, back to front, are joined by the header and coloured."""
        x = 0.0
        for key in legend:
            text = f"{key.sign} {key.name}"
            entry = self.words(text, self.row_offsets[0])
            entry.x_offset += round(x)
            x += (len(text) * 0.58 + 1.6) * self.theme.size_small
            self._legend.append((entry, key.color))
        self._marks = [*marks, self.title, self.y_label, *(entry for entry, _ in self._legend)]
        self._pixels = Pixels(self.widget, self.widget.layout, self.x_axis, self.y_axis, *self._marks)
        self.apply(self.theme)

    def reveal(self) -> None:
        """End the first drawing: only now the figure gets its axes and marks.

        A scale that changes while bqplot still makes the views of lines and axes is an error on the page.
        """
        if not self.widget.marks:
            assign(self.widget, axes=[self.x_axis, self.y_axis], marks=self._marks)

    def apply(self, theme: Theme) -> None:
        """Show the chart in a theme."""
        self.theme = theme
        self._pixels.enlarge(theme.scale)
        tick_style = {"font": f"{theme.size_small}px {theme.font}", "fill": theme.muted}
        for axis in (self.x_axis, self.y_axis):
            assign(
                axis,
                grid_color=theme.grid if axis.grid_lines != "none" else theme.rule,
                label_color=theme.ink,
                tick_style={**axis.tick_style, **tick_style},
            )
        assign(self.title, colors=[theme.ink], default_size=theme.size_text)
        assign(self.y_label, colors=[theme.ink], default_size=theme.size_small)
        for entry, color in self._legend:
            assign(entry, colors=[getattr(theme, color)], default_size=theme.size_small)
        self.dress(theme)

    def dress(self, theme: Theme) -> None:
        """Colour the marks of a subclass."""
        raise NotImplementedError

    def limit(
        self,
        x: Limits | None = None,
        y: Limits | None = None,
        *,
        x_ticks: Mapping[float, str] | None = None,
        y_ticks: Mapping[float, str] | None = None,
    ) -> None:
        """Set what the axes show; ticks that are not given stand on round numbers.

        The ticks go first: a scale that changes makes bqplot draw them again with the words it knows then.
        """
        for name, limits, ticks in (("x", x, x_ticks), ("y", y, y_ticks)):
            if ticks is not None:
                set_ticks(self._axis(name), ticks)
            if limits is None:
                continue
            if ticks is None:
                self.need(name, limits)
            else:
                self._needs.pop(name, None)
                self.take(name, limits)

    def take(self, name: str, limits: Limits) -> None:
        if self._shown.get(name) == limits:
            return
        self._shown[name] = limits
        if name == "color":
            self.recolor(limits)
            return
        axis = self._axis(name)
        if name in self._needs:
            (power_ticks if isinstance(axis.scale, LogScale) else number_ticks)(axis, limits)
        assign(axis.scale, min=float(limits[0]), max=float(limits[1]))

    def recolor(self, limits: Limits) -> None:
        """Show the values of a subclass that has a colour scale between these limits."""
        raise NotImplementedError

    def _axis(self, name: str) -> Axis:
        return self.x_axis if name == "x" else self.y_axis

    def on_click(self, callback: Callable[[Point], None]) -> None:
        """Call back with the (x, y) of a click, in data coordinates."""
        self._listen("click", callback, ["click"])

    def on_hover(self, callback: Callable[[Point | None], None]) -> None:
        """Call back with the (x, y) under the pointer, in data coordinates, and with None when it leaves."""
        self._listen("hover", callback, ["mousemove", "mouseleave"])

    def _listen(self, kind: str, callback: Callable[..., None], events: list[str]) -> None:
        self._callbacks[kind].append(callback)
        if self.widget.interaction is None:
            mouse = MouseInteraction(x_scale=self.x_scale, y_scale=self.y_scale, move_throttle=40, events=events)
            mouse.on_msg(self._pointed)
            self.widget.interaction = mouse
        mouse = self.widget.interaction
        mouse.events = sorted({*mouse.events, *events})
        mouse.cursor = "pointer" if "click" in mouse.events else "crosshair"

    def _pointed(self, _: Widget, content: dict[str, Any], __: Any) -> None:
        event = content.get("event")
        point = (content["domain"]["x"], content["domain"]["y"]) if event != "mouseleave" else None
        for callback in self._callbacks["click" if event == "click" else "hover"]:
            callback(point)


def assign(widget: Widget, **traits: Any) -> None:
    """Set several traits of a widget in one message; none is sent for those that do not change."""
    with widget.hold_sync():
        for name, value in traits.items():
            setattr(widget, name, value)


def short(word: str, most: int) -> str:
    """A word cut to fit its room."""
    return word if len(word) <= most else word[: most - 1] + "…"


def set_ticks(axis: Axis, ticks: Mapping[float, str]) -> None:
    """Ticks at these places with these words."""
    at = np.array(list(ticks), np.float32) + np.float32(0)  # no −0, which a script writes without its sign
    # Two messages, the words first: with the places bqplot starts a transition that ends in the words it knew then.
    axis.tick_labels = dict(zip(map(_in_script, at.tolist()), ticks.values(), strict=True))
    axis.tick_values = at


def _in_script(value: float) -> str:
    """A number as the page's script writes it, by which it looks a tick's words up."""
    if value == 0 or 1e-6 <= abs(value) < 1e21:
        return np.format_float_positional(value, trim="-")
    return np.format_float_scientific(value, trim="-", exp_digits=1)


def number_ticks(axis: Axis, limits: Limits, most: int = 6) -> None:
    """Ticks on round numbers between limits, as far apart as it takes for no two to be written alike."""
    step = round_step((limits[1] - limits[0]) / most)
    first, last = np.ceil(limits[0] / step - 1e-6), np.floor(limits[1] / step + 1e-6)
    ticks = {float(place): number(place) for place in np.arange(first, last + 1) * step + 0.0}
    if most > 1 and len(set(ticks.values())) < len(ticks):
        number_ticks(axis, limits, most - 1)
    else:
        set_ticks(axis, ticks)


def power_ticks(axis: Axis, limits: Limits, most: int = 6) -> None:
    """Ticks on powers of ten between limits, for a logarithmic axis."""
    low, high = (round(float(np.log10(limit))) for limit in limits)
    powers = range(low, high + 1, max(1, -(-(high - low) // most)))
    set_ticks(axis, {10.0**power: number(10.0**power) for power in powers})


def round_step(least: float) -> float:
    """The smallest of 1, 2, 5 times a power of ten that is not below `least`."""
    power = 10.0 ** np.floor(np.log10(least))
    return float(next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least * (1 - 1e-9)))


def nice_limits(low: float, high: float) -> Limits:
    """Limits on round numbers around low … high, so that they rarely change while a slider is dragged."""
    if not high > low:
        return low - 0.5, high + 0.5
    step = round_step((high - low) / 8)
    return float(np.floor(low / step + 1e-6) * step), float(np.ceil(high / step - 1e-6) * step)


def padded(limits: Limits, share: float = 0.03) -> Limits:
    """Room around limits for marks that have a size."""
    pad = (limits[1] - limits[0]) * share
    return limits[0] - pad, limits[1] + pad
