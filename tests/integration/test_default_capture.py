"""The stored capture of the default text is what the shipped model gives now."""

from core.default_capture import default_capture, make_default_capture
from core.model_folder import digest, weight_files
from core.models import SHIPPED_FOLDER
from tests.parity import TOLERANCE
from tests.same import assert_same


def test_the_default_capture_is_of_the_weights_that_ship():
    assert default_capture().model.revision == digest(weight_files("shipped", SHIPPED_FOLDER)), (
        "the model has changed: run python -m core.default_capture"
    )


def test_rebuilding_the_default_capture_gives_the_same():
    assert_same(default_capture(), make_default_capture(), atol=TOLERANCE)
