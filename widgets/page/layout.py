"""The page: the bar on top, contents and glossary at the left, and one column of parts."""

from __future__ import annotations

from collections.abc import Sequence

from ipywidgets import HTML, HBox, VBox, Widget

from widgets.page.glossary import glossary
from widgets.panel.panel import Panel


def page(browser: Widget, bar: Widget, panels: Sequence[Panel], foot: Widget) -> VBox:
    """The bar, these parts in this order, and a foot below them. The browser's view gives the boxes their roles."""
    skip = HTML("<a href='#lab-main'>Skip to the parts</a>").add_class("lab-skip")
    contents = HTML(contents_of(panels) + glossary()).add_class("lab-contents")
    main = VBox([*(panel.widget for panel in panels), foot]).add_class("lab-main")
    return VBox([browser, skip, bar, HBox([contents, main]).add_class("lab-body")]).add_class("lab-page")


def contents_of(panels: Sequence[Panel]) -> str:
    """A numbered list of links to the parts."""
    links = (
        f"<li><a href='#lab-{panel.name}' title='{panel.title}'><span class='lab-number'>{panel.number}</span> "
        f"<span class='lab-title'>{panel.title}</span></a></li>"
        for panel in panels
        if panel.number is not None
    )
    return f"<nav aria-label='Parts'><ol>{''.join(links)}</ol></nav>"
