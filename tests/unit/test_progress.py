"""Progress is a fraction that never falls."""

from core.progress import portion, rising, silent_bar


def test_only_what_rises_is_passed_on():
    told: list[float] = []
    report = rising(told.append)
    for fraction in (0.0, 0.2, 0.1, 0.2, 0.5, 0.5, 1.0):
        report(fraction)
    assert told == [0.0, 0.2, 0.5, 1.0]


def test_a_step_takes_its_portion_of_the_bar():
    told: list[float] = []
    step = portion(told.append, 0.5, 0.9)
    for fraction in (0.0, 0.5, 1.0):
        step(fraction)
    assert told == [0.5, 0.7, 0.9]


def test_a_library_that_counts_reports_and_prints_nothing(capfd):
    told: list[float] = []
    with silent_bar(told.append)(total=40, desc="weights") as bar:
        bar.update(10)
        bar.update(50)
    assert list(silent_bar(told.append)(["a", "b"])) == ["a", "b"]
    silent_bar(told.append)(total=None).update(3)
    assert told == [0.25, 1.0, 0.5, 1.0]
    assert capfd.readouterr() == ("", "")
