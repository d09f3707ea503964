"""Everything as one ZIP, and its SVGs in programs that are no browser: every point, line, violin and cell of them."""

import io
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree
from zipfile import ZipFile

import numpy as np
import pytest
import resvg_py
from playwright.sync_api import Browser, Page, expect

from core.model.default_capture import default_capture
from core.parts.averaging.numbers import averaging
from core.parts.raw_scores.numbers import raw_score_samples
from core.parts.settings import default_layer
from core.parts.softmax.attention import attention
from tests.browser.conftest import opened
from tests.browser.helpers import PATIENCE, part
from tests.browser.pictures import COLOURS, SCALE, drawn_alone, missing, pixels, saved
from tests.serving import Server
from widgets.theme import DARK, LIGHT, to_rgb

Renderer = Callable[[bytes], bytes]
STUDY = "part1 part3 part4 part5a part5b part6 part7a part7b part8 part9".split()
SHAPES = {"circle": ("cx", "cy"), "rect": ("x", "y")}
# Shares of the pixels: what the browser shows must all be there; a cell that ends between two pixels makes a mixture.
LACKS, MIXED = 0.001, 0.02


def by_cairosvg(svg: bytes) -> bytes:
    try:
        import cairosvg
    except OSError:
        pytest.skip(
            "CairoSVG finds no libcairo here: with it (Debian: libcairo2, which its Chromium brings) this runs."
        )
    return cairosvg.svg2png(bytestring=svg, scale=SCALE)


def by_resvg(svg: bytes) -> bytes:
    return bytes(resvg_py.svg_to_bytes(svg_string=svg.decode(), zoom=SCALE))


@pytest.fixture(scope="module")
def files(browser: Browser, lab: Server) -> dict[str, bytes]:
    """Everything as a ZIP of a dark page, by the files' names."""
    with opened(browser, lab.url, color_scheme="dark") as page:
        part(page, 1).wait_for(timeout=PATIENCE)
        part(page, 4).evaluate("panel => panel.classList.add('lab-covered')")  # as by a prediction
        name, content = saved(page, page.get_by_role("button", name="Download everything"))
        assert name == "attention-scores-lab.zip"
        expect(page.get_by_role("dialog")).to_have_count(0)
    with ZipFile(io.BytesIO(content)) as archive:
        return {Path(path).name: archive.read(path) for path in archive.namelist()}


def test_everything_is_one_zip_of_parts_that_were_never_on_screen(files: dict[str, bytes]) -> None:
    assert {*(f"{one}.{kind}" for one in STUDY for kind in ("png", "svg")), "part2.csv", "part4.py"} <= set(files)
    for picture in STUDY:
        png = pixels(files[f"{picture}.png"])
        root = ElementTree.fromstring(files[f"{picture}.svg"])
        assert png.shape[:2] == tuple(SCALE * int(root.attrib[side]) for side in ("height", "width"))
        assert tuple(png[0, 0]) == to_rgb(DARK.page) != to_rgb(LIGHT.page)
        assert len(np.unique(png.reshape(-1, 3), axis=0)) > COLOURS, f"{picture} is blank"


class Point(NamedTuple):
    shape: str
    color: tuple[int, int, int]
    opacity: float
    x: float
    y: float


def points(svg: bytes) -> Iterator[Point]:
    """The circles and squares that stand together, in px of the picture."""

    def walk(element: ElementTree.Element, x: float, y: float) -> Iterator[Point]:
        kind = element.tag.rpartition("}")[2]
        moved = re.fullmatch(r"matrix\(1, 0, 0, 1, (\S+), (\S+)\)", element.get("transform", ""))
        if kind == "svg":
            x, y = x + float(element.get("x", 0)), y + float(element.get("y", 0))
        elif moved:
            x, y = x + float(moved[1]), y + float(moved[2])
        color = re.fullmatch(r"rgb\((\d+), (\d+), (\d+)\)", element.get("fill", ""))
        for child in element:
            shape = child.tag.rpartition("}")[2]
            if kind == "g" and element.get("stroke") == "none" and color and shape in SHAPES:
                across, down = (float(child.attrib[name]) for name in SHAPES[shape])
                half = float(child.get("width", 0)) / 2
                yield Point(
                    shape,
                    (int(color[1]), int(color[2]), int(color[3])),
                    float(element.get("opacity", 1)),
                    x + across + half,
                    y + down + half,
                )
            else:
                yield from walk(child, x, y)

    yield from walk(ElementTree.fromstring(svg), 0, 0)


def wordless(svg: bytes) -> bytes:
    """The same picture without its words, which every program draws by fonts of its own."""
    root = ElementTree.fromstring(svg)
    for words in root.iter("{http://www.w3.org/2000/svg}text"):
        words[:], words.text = [], None
    return ElementTree.tostring(root)


def wanted() -> dict[str, Counter[tuple[str, tuple[int, int, int]]]]:
    """How many points of which shape and colour a part's picture has."""
    capture = default_capture()
    layer = default_layer(capture.layers)
    four, seven, nine = (work(capture, layer) for work in (raw_score_samples, attention, averaging))
    same, different, violet = (to_rgb(color) for color in (DARK.same_head, DARK.different_heads, DARK.attention))
    return {
        "part1": Counter({("circle", to_rgb(DARK.warning)): 96, ("rect", violet): 96}),
        "part4": Counter({("circle", same): len(four.within.drawn), ("rect", different): len(four.across.drawn)}),
        "part6": Counter({("circle", violet): capture.layers}),
        "part7b": Counter(
            {
                ("circle", violet): len(seven.final_to_previous.drawn) + len(seven.first_to_self.drawn),
                ("rect", violet): len(seven.self_attention.drawn),
            }
        ),
        "part9": Counter({("circle", violet): 2 * len(nine.drawn)}),
    }


@pytest.mark.parametrize("draw", [by_cairosvg, by_resvg])
@pytest.mark.parametrize("name", wanted())
def test_every_point_is_drawn(files: dict[str, bytes], draw: Renderer, name: str) -> None:
    svg = files[f"{name}.svg"]
    found = list(points(svg))
    assert Counter((point.shape, point.color) for point in found) == wanted()[name]
    picture = pixels(draw(svg))
    for point in found:
        # A line may lie over its middle, and its colour is mixed with what lies below.
        column, row = round(SCALE * point.x), round(SCALE * point.y)
        around = picture[max(0, row - SCALE) : row + SCALE + 1, max(0, column - SCALE) : column + SCALE + 1]
        apart = np.abs(around - np.array(point.color)).max(axis=-1)
        assert apart.min() <= 255 * (1 - point.opacity) + 2, (name, point)


@pytest.mark.parametrize("draw", [by_cairosvg, by_resvg])
def test_lines_violins_and_cells_are_those_of_the_browser(files: dict[str, bytes], blank: Page, draw: Renderer) -> None:
    pictures = {name: svg for name, svg in files.items() if name.endswith(".svg")}
    assert {f"{one}.svg" for one in STUDY} < set(pictures)
    for name, svg in pictures.items():
        shapes = wordless(svg)
        first, second = pixels(draw(shapes)), pixels(drawn_alone(blank, shapes))
        assert first.shape == second.shape, name
        assert missing(second, first) < LACKS, name
        assert missing(first, second) < MIXED, name
