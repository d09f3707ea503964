"""Part 10, the experiment: heads switched off on the grid of all of them, and what the model says then."""

from __future__ import annotations

from typing import Any

from ipywidgets import Button

from core.model.capture import Capture
from core.model.experiments import Experiments
from core.parts.entropy.heads_off import HeadsOff, heads_off, read_heads, switched
from core.progress import Progress
from widgets.charts.switches import Switches
from widgets.experiments.says import Says
from widgets.experiments.section import ExperimentSection
from widgets.session import Session


class HeadsOffSection(ExperimentSection):
    name = "heads_off"
    title = "Switch off heads"
    words = """
        <p>A head that is off gives no token anything (weights of 0), or gives every token the same: its mean weights
        over the text. What the other heads add stays as it is. Most heads are missed less than you may think, as others
        do much the same; a few carry what the model knows.</p>
        <p><b>Try it:</b> click a head to switch it off, and click it again to switch it on. Which single head costs the
        model most? Then switch off a whole layer: an early one, a late one.</p>"""
    controls = ("off_weights",)
    computed_from = ("heads_off", "off_weights")
    marked_from = ("layer", "head")
    stages = ("softmax",)
    height = 420

    def __init__(self, session: Session):
        self.switch = Button(tooltip="Switch the head that is chosen in the bar")
        self.all_on = Button(description="All on")
        super().__init__(session)
        self.switch.on_click(lambda _: self._switch(self.state.layer, self.state.head))
        self.all_on.on_click(lambda _: self.state.set_trait("heads_off", ""))
        self.state.observe(self._show_switch, ["heads_off", "layer", "head"])
        self._show_switch()

    def ask(self, experiments: Experiments, capture: Capture, settings: Any, progress: Progress) -> HeadsOff:
        return heads_off(experiments, capture, settings, progress)

    @property
    def offered(self) -> dict[Button, bool]:
        return {self.switch: True, self.all_on: bool(self.state.heads_off)} | super().offered

    def build(self) -> None:
        self.grid = Switches("A) Heads that are on and off", height=self.height)
        self.grid.on_head_click(self._switch)
        self.says = Says()
        next_tokens, *losses = self.says.widgets
        self.row(self.grid, next_tokens)
        for widget in losses:
            self.row(widget)
        self.state.observe(self._draw_grid, "heads_off")  # at once, before the model has run

    def draw(self, result: HeadsOff, settings: Any) -> None:
        super().draw(result, settings)
        self._draw_grid()

    def mark(self, settings: Any) -> None:
        self.grid.select(settings.layer, settings.head)

    @property
    def _shape(self) -> tuple[int, int]:
        return self.state.layer_count, self.state.head_count

    def _switch(self, layer: int, head: int) -> None:
        self.state.set_trait("heads_off", switched(self.state.heads_off, *self._shape, layer, head))

    def _draw_grid(self, _: Any = None) -> None:
        self.grid.draw(read_heads(self.state.heads_off, *self._shape))

    def _show_switch(self, _: Any = None) -> None:
        layer, head = self.state.layer, self.state.head
        what = "on" if read_heads(self.state.heads_off, *self._shape)[layer, head] else "off"
        self.switch.description = f"Switch {what} layer {layer}, head {head}"
        self._offer()
