"""Loading a model by its name or from a folder."""

from __future__ import annotations

from core.model.catalogue import offer_anywhere
from core.model.facts import LoadedModel
from core.model.lean import lean_torch
from core.progress import Progress, portion, rising, silent


def load(name_or_folder: str, progress: Progress = silent) -> LoadedModel:
    """Load a model of the list or another of the hub's by its name, downloading it where necessary, or any folder.

    Slow (imports torch; may download): call it off the main loop. Raises ModelUnavailable.
    """
    report = rising(progress)
    report(0.0)
    offer = offer_anywhere(name_or_folder)
    folder, revision, start = offer.folder, offer.revision, 0.0
    if folder is None:
        from core.model.download import download

        start = 0.9  # of the bar is the download
        folder = download(offer.name, portion(report, 0.0, start))
        revision = folder.name

    with lean_torch():
        from core.model.folder import read_model

        return read_model(offer.name, folder, revision, portion(report, start, 1.0))
