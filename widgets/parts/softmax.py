"""Part 7: the causal mask and what softmax makes of it; its sections look at one layer and at one head."""

from __future__ import annotations

from functools import partial
from typing import Any

from core.parts.softmax.numbers import CausalMask, masking
from core.parts.softmax.prediction import ASKED_KEY, asked_row
from widgets.charts.heatmap import HeatMap
from widgets.charts.overlay import Frame, Laid
from widgets.panel.panel import Panel
from widgets.parts.attention import AttentionSection
from widgets.parts.attention_maps import AttentionMapsSection
from widgets.parts.attention_text import AttentionTextSection
from widgets.parts.mask_experiment import MaskExperiment

POSITION = "Token position"


class SoftmaxPart(Panel):
    name = "softmax"
    title = "Softmax: self- and cross-token attention"
    words = """
        <p>In GPT-2 a token may look back, never ahead: the mask M adds −∞ where the key comes after the query.
        Softmax makes weights of each row that add up to 1, and 0 of −∞. Here all scores are equal: you see the
        mask alone.</p>
        <p><b>Try it:</b> make the mask larger, and work out a row of C before you read it. How much is left for
        each token of the last row? And of the first?</p>"""
    controls = ("mask_size",)
    computed_from = ("mask_size",)
    needs_capture = False
    stages = ("masked", "softmax")
    height = 436
    section_kinds = (AttentionSection, AttentionMapsSection, AttentionTextSection, MaskExperiment)

    def build(self) -> None:
        mask = partial(HeatMap, x_label=POSITION, y_label=POSITION, square=True, height=436)
        self.binary = mask("A) Binary mask (0 or 1)", bar=False)
        self.causal = mask("B) Time-causal mask (M)", colormap="diverging", bar=False)
        self.softmax = mask("C) Impact of softmax")
        self.row(self.binary, self.causal, self.softmax)

    def compute(self, _: Any, settings: Any, progress: Any) -> CausalMask:
        return masking(settings.mask_size)

    def draw(self, result: CausalMask, settings: Any) -> None:
        self.binary.draw(result.binary, limits=(0, 1), write_values=True)
        self.causal.draw(result.causal, masked=result.hidden, write_values=True)
        self.softmax.draw(result.softmax, masked=result.hidden, limits=(0, 1), write_values=True)

    def lay_prediction(self, place: float) -> list[Laid]:
        # The number in a cell is asked for, and the cell is framed.
        return [Frame(self.softmax, row=asked_row(self.state.mask_size), column=ASKED_KEY)]


PART = SoftmaxPart
