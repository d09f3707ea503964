"""What a learner's kernel does without: pandas, which bqplot imports, and Voilà's server."""

import json
import os
import subprocess
import sys
from pathlib import Path
from threading import Thread

import pytest
from websockets.sync.server import ServerConnection, serve

from tests.serving import free_port
from widgets.kernel.preheat import wait_for_request

ROOT = Path(__file__).parents[2]


def in_a_process(program: str) -> list[str]:
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True, text=True)
    return done.stdout.split()


def test_a_page_of_drawn_charts_imports_neither_torch_nor_pandas_nor_the_server() -> None:
    names = in_a_process(
        "import sys\n"
        "from widgets.lab import Lab\n"
        "lab = Lab()\n"
        "lab.page()\n"
        "lab.browser.visible = [panel.name for panel in lab.panels]\n"
        "assert all(panel._drawn or panel.notice for panel in lab.panels)\n"
        "print(*sys.modules)\n"
    )
    assert "bqplot" in names
    brought = {name.partition(".")[0] for name in names} & {"torch", "transformers", "voila", "pandas"}
    assert not brought, (
        f"A page without a run imports {', '.join(brought)}. Where that is pandas, bqplot asks for more of it now, as "
        "it is imported, than the name DataFrame (widgets/kernel/lazy_pandas.py)."
    )


def test_a_page_is_not_told_its_own_changes() -> None:
    program = "from widgets.lab import Lab\nfrom ipywidgets.widgets import widget\nprint(widget.JUPYTER_WIDGETS_ECHO)"
    assert in_a_process(program) == ["False"]


def test_bqplot_still_has_pandas_where_it_is_used() -> None:
    names = in_a_process(
        "import sys, widgets, bqplot\n"
        "assert 'pandas' not in sys.modules\n"
        "from bqplot.market_map import MarketMap\n"
        "from bqplot.plotting_widgets import Radar\n"
        "from bqplot.traits import array_to_json\n"
        "import numpy, pandas\n"
        "table = pandas.DataFrame({'a': [1, 2]})\n"
        "assert MarketMap(names=numpy.array(['x', 'y']), ref_data=table).ref_data.equals(table)\n"
        "assert Radar.data.make_dynamic_default().equals(pandas.DataFrame())\n"
        "days = numpy.array([pandas.Timestamp('2020-01-01'), pandas.Timestamp('2020-01-02')], dtype=object)\n"
        "assert array_to_json(days)['type'] == 'date'\n"
        "print(type(sys.modules['pandas']).__name__)\n"
    )
    assert names == ["module"]


@pytest.mark.parametrize("line", ["from pandas import Timestamp", "from pandas.api.types import is_list_like"])
def test_a_bqplot_that_cannot_do_without_pandas_gets_it(line: str, tmp_path: Path) -> None:
    (tmp_path / "bqplot.py").write_text(line)
    path = f"import sys; sys.path.insert(0, {str(tmp_path)!r})"
    assert "Timestamp" in " ".join(in_a_process(f"{path}; import widgets, bqplot, pandas; print(pandas.Timestamp)"))


def test_a_kernel_that_was_started_ahead_takes_what_the_request_says(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def answer(connection: ServerConnection) -> None:
        asked.append(connection.request.path if connection.request else None)
        connection.send(json.dumps({"QUERY_STRING": "model=gpt2"}))

    with serve(answer, "127.0.0.1", 0) as server:
        Thread(target=server.serve_forever).start()
        monkeypatch.setenv("VOILA_PREHEAT", "True")
        monkeypatch.setenv("VOILA_APP_PORT", str(server.socket.getsockname()[1]))
        monkeypatch.setenv("VOILA_SERVER_URL", "/user/a/")
        monkeypatch.setenv("VOILA_KERNEL_ID", "1-2-3-4-5")
        monkeypatch.setenv("QUERY_STRING", "")
        wait_for_request()
        assert os.environ["QUERY_STRING"] == "model=gpt2"
        in_a_process("from voila.utils import wait_for_request; wait_for_request()")
    assert asked == 2 * ["/user/a/voila/query/1-2-3-4-5"], (
        "Voilà asks its server elsewhere now for the request that a kernel waits for (widgets/kernel/preheat.py)"
    )


def test_a_server_that_listens_elsewhere_leaves_the_page_without_its_address(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("VOILA_PREHEAT", "True")
    for name in ("APP_PORT", "SERVER_URL", "KERNEL_ID"):
        monkeypatch.delenv(f"VOILA_{name}", raising=False)
    wait_for_request()
    assert "does not answer" in caplog.text, "a Voilà that calls its variables otherwise"
    caplog.clear()
    request = {"APP_PORT": str(free_port()), "SERVER_URL": "/", "KERNEL_ID": "1-2-3-4-5"}
    for name, value in request.items():
        monkeypatch.setenv(f"VOILA_{name}", value)
    wait_for_request()
    assert "does not answer" in caplog.text
