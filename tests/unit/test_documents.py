"""The documents: their links lead somewhere, what they name is there, and the workflow runs what they promise."""

import re
from pathlib import Path

import pytest
import yaml

from core.parts import PARTS
from tests.pins import FILES, raised

ROOT = Path(__file__).parents[2]
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "binder/hub/README.md", "tests/bench/README.md")
LINK = re.compile(r"\]\((?!https?://)([^)\s]+)\)")
NAMED = re.compile(r"`((?:core|widgets|tests|binder|\.github)/[\w./-]*|app\.ipynb|requirements[\w-]*\.txt|Makefile)`")
TARGET = re.compile(r"(?:`|^|[A-Z_]+=\S+ )make ([a-z]+)", re.MULTILINE)
WORKFLOW = ROOT / ".github/workflows/tests.yml"


def text_of(document: str) -> str:
    return (ROOT / document).read_text(encoding="utf-8")


def anchors(document: Path) -> set[str]:
    """What a link may name of a document after #, as GitHub makes it of the headings."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_to_files_and_headings_that_are_there(document: str) -> None:
    for link in LINK.findall(text_of(document)):
        path, _, anchor = link.partition("#")
        target = (ROOT / document).parent / path
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("document", DOCUMENTS)
def test_files_and_targets_that_are_named_are_there(document: str) -> None:
    text = text_of(document)
    assert [name for name in NAMED.findall(text) if not (ROOT / name.replace("NAME", "scaling")).exists()] == []
    targets = set(re.findall(r"^([a-z]+):", text_of("Makefile"), re.MULTILINE))
    assert set(TARGET.findall(text)) <= targets


def test_readme_is_read_in_one_go() -> None:
    assert len(text_of("README.md").splitlines()) <= 120
    for document in set(DOCUMENTS) - {"README.md", "CHANGELOG.md"}:
        assert f"]({document})" in text_of("README.md")


def test_names_that_the_recipe_has_in_files_are_in_them() -> None:
    recipe = text_of("CONTRIBUTING.md").partition("## How to add a part")[2].partition("\n## ")[0]
    pieces, names = re.findall(r"`(\w+\.py)`", recipe), re.findall(r"`([A-Z]+)`", recipe)
    assert len(pieces) >= 7
    assert len(names) >= 6
    rooms = [ROOT / "core/parts" / part.name for part in PARTS]
    assert [piece for piece in pieces if not any((room / piece).exists() for room in rooms)] == []
    code = "\n".join(path.read_text() for room in (*rooms, ROOT / "core/parts") for path in room.glob("*.py"))
    assert [name for name in names if not re.search(rf"^{name} = ", code, re.MULTILINE)] == []


def test_readme_lists_the_parts_with_their_questions() -> None:
    rows = re.findall(r"^\| (\d+) \| (.+) \|$", text_of("README.md"), re.MULTILINE)
    assert rows == [(str(part.number), part.question) for part in PARTS]


def test_workflow_runs_the_two_commands_on_both_systems_and_pythons() -> None:
    workflow = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))
    (job,) = workflow["jobs"].values()
    assert job["strategy"]["matrix"] == {"system": ["ubuntu-latest", "macos-latest"], "python": ["3.11", "3.13"]}
    runs = [step["run"] for step in job["steps"] if "run" in step]
    assert [re.findall(r"\bmake [a-z]+", run) for run in runs] == [["make pins"], ["make app"], ["make test"]]
    triggers = workflow[True]  # YAML 1.1 reads the key `on` as a truth value
    assert {"push", "schedule"} <= set(triggers)


def test_hook_before_a_commit_is_make_lint() -> None:
    (repository,) = yaml.safe_load(text_of(".pre-commit-config.yaml"))["repos"]
    assert [(repository["repo"], hook["entry"]) for hook in repository["hooks"]] == [("local", "make lint")]


def test_pins_are_raised_with_their_reasons_left_in_place() -> None:
    before = "# Why.\n-r other.txt\na_b==1.9    # one\nc==2.0.0  # two, not a_b==1.9\n"
    after = "# Why.\n-r other.txt\na_b==1.10   # one\nc==10.20.30  # two, not a_b==1.9\n"
    assert raised(before, {"a-b": "1.10", "c": "10.20.30"}) == after


@pytest.mark.parametrize("file", FILES)
def test_pins_that_stay_change_nothing(file: str) -> None:
    text = text_of(file)
    pins = re.findall(r"^([\w.-]+)==([^\s#]+)", text, re.MULTILINE)
    assert raised(text, {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in pins}) == text
