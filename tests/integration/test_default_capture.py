"""The stored capture of the default text is what the shipped model gives now."""

from core.model.catalogue import SHIPPED_FOLDER
from core.model.default_capture import default_capture, make_default_capture
from core.model.files import ModelFiles, weight_files
from core.model.folder import digest
from tests.parity import TOLERANCE
from tests.same import assert_same


def test_the_default_capture_is_of_the_weights_that_ship():
    weights = weight_files(ModelFiles("shipped", SHIPPED_FOLDER, of_hub=False))
    assert default_capture().model.revision == digest(weights), (
        "the model has changed: run python -m core.model.default_capture"
    )


def test_rebuilding_the_default_capture_gives_the_same():
    assert_same(default_capture(), make_default_capture(), atol=TOLERANCE)
