"""Tasks to reach a state of the lab, judged by the capture and the settings on show.

    survey = task.survey(capture)            # once a capture
    task.judge(capture, settings, survey)    # whenever a setting that it follows has changed
"""

from core.tasks.attention import MostSelfAttention, PreviousToken
from core.tasks.plain import EvenWeights, FarthestValues, MeansAgree, MeansDisagree, PieceOfWord
from core.tasks.scores import FirstTokenIn, MostNegativeMean, WidestLayer
from core.tasks.task import Judged, Task

__all__ = ["TASKS", "Judged", "Task", "tasks_of"]

TASKS = {
    task.id: task
    for task in (
        EvenWeights(),
        PieceOfWord(),
        FarthestValues(),
        FirstTokenIn(),
        WidestLayer(),
        MostNegativeMean(),
        PreviousToken(),
        MostSelfAttention(),
        MeansDisagree(),
        MeansAgree(),
    )
}


def tasks_of(part: int) -> tuple[Task, ...]:
    """The tasks of a part, 1 … 9."""
    return tuple(task for task in TASKS.values() if task.id.startswith(f"{part}-"))
