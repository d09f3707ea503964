"""A learner's whole path: predict, look, fill gaps rightly and wrongly, reach a state, keep the answers."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from core.parts import PARTS
from tests.browser.helpers import pixels_changed, set_slider_by_keyboard, stable_screenshot, wait_for_part
from tests.parts import NUMBERS

ANSWERS = {
    "Q_h[-1] @ K_h[:-1].T / d**0.5": "The first token is still in it",
    "Q_h[-1] @ K_h[1:-1].T / d**0.5": "Right.",
}


def unfolded(panel: Locator) -> Locator:
    """A part's exercises, unfolded by keyboard."""
    exercises = panel.locator(".lab-exercises")
    exercises.locator("summary").focus()
    exercises.locator("summary").press("Enter")
    expect(exercises.locator(".lab-line input")).to_be_visible()
    return exercises


def test_predicts_looks_fills_gaps_reaches_a_state_and_copies_the_answers(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    panel = wait_for_part(page, 4)
    chart = panel.locator(".lab-chart").first
    before = stable_screenshot(page, chart)

    # Predict: the charts and their numbers are out of sight until the answer is locked.
    panel.get_by_role("button", name="Predict before you look").first.press("Enter")
    slider = panel.get_by_role("slider", name="Your prediction")
    expect(slider).to_be_focused()
    expect(panel.locator("> .lab-place > .lab-charts")).to_be_hidden()
    expect(panel.locator("> .lab-numbers")).to_be_hidden()
    for _ in range(15):
        slider.press("ArrowLeft")
    expect(panel.locator(".lab-slide output")).to_have_text("−1.5")
    slider.press("Enter")

    # Look.
    told = panel.locator(".lab-told p").first
    expect(told).to_contain_text("You said −1.5, and it is ")
    expect(told).to_be_focused()
    expect(chart).to_be_visible()
    expect(chart.locator("text").filter(has_text="You: −1.5")).to_be_visible()
    assert pixels_changed(before, stable_screenshot(page, chart)) > 100, "the prediction lies over the chart"

    # Fill a gap, wrongly and then rightly; the focus stays in the box.
    exercises = unfolded(panel)
    box, feedback = exercises.locator(".lab-line input"), exercises.locator(".lab-feedback")
    for answer, said in ANSWERS.items():
        box.fill(answer)
        box.press("Enter")
        expect(feedback).to_contain_text(said)
        expect(box).to_be_focused()
    expect(exercises.locator("summary")).to_have_text(f"Exercises · 2 of {len(PARTS[3].exercises.ids)} done")

    # The next gap, with every help before its solution.
    exercises.get_by_role("button", name="Next gap").press("Enter")
    expect(exercises.locator(".lab-pages [aria-current]")).to_have_text("2")
    expect(box).to_be_focused()
    expect(box).to_have_value("")
    for help_ in ("First hint", "Second hint"):
        exercises.get_by_role("button", name=help_).press("Enter")
    expect(exercises.locator(".lab-hints li")).to_have_count(2)
    solution = exercises.get_by_role("button", name="Show the solution")
    expect(solution).to_have_attribute("aria-disabled", "true")
    expect(exercises).to_contain_text("once you have checked an answer of your own")
    box.fill("<b>Q</b>")
    box.press("Enter")
    expect(feedback).not_to_be_empty()
    expect(feedback.locator("b")).to_have_count(0)
    expect(solution).to_have_attribute("aria-disabled", "false")
    solution.press("Enter")
    expect(exercises.locator(".lab-solution")).to_contain_text("Q[:, -1]")
    expect(exercises.locator(".lab-solution")).to_be_focused()

    # And a third one, by its number.
    exercises.get_by_role("button", name="Gap 9 of 9").press("Enter")
    expect(exercises.locator(".lab-task")).to_contain_text("share")
    box.fill("(x > 0).mean()")
    exercises.get_by_role("button", name="Check").press("Enter")
    expect(feedback).to_contain_text("Right.")

    # Reach a state.
    nine = wait_for_part(page, 9)
    tasks = unfolded(nine).locator(".lab-tasks li")
    expect(tasks.first).to_contain_text("They differ by 0.")
    set_slider_by_keyboard(nine, "cut", 1)
    expect(tasks.first).to_contain_text("Done: ")
    expect(tasks.first).to_contain_text("They differ by 0.5.")
    expect(nine.locator(".lab-exercises summary")).to_contain_text("1 of ")

    # Keep the answers.
    exercises.get_by_role("button", name="Copy my answers").press("Enter")
    expect(exercises.locator(".lab-copied")).to_contain_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    for line in (
        "[x] scores = Q_h[-1] @ K_h[1:-1].T / d**0.5",
        "(2 hints, solution seen)",
        "[x] share = (x > 0).mean()",
        "[x] Predicted: You said −1.5",
        "They differ by 0.5.",
    ):
        assert line in copied


def test_where_the_page_may_not_copy_the_answers_stand_selected(open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    exercises = unfolded(wait_for_part(page, 1))
    exercises.get_by_role("button", name="Copy my answers").click()
    box = exercises.get_by_role("textbox", name="My answers")
    expect(box).to_have_value("Attention Scores Lab: my answers\n\nNothing yet.\n")
    assert box.evaluate("box => box.selectionEnd - box.selectionStart") == len(box.input_value())


def test_a_point_is_dragged_and_a_choice_is_made(page: Page) -> None:
    one = wait_for_part(page, 1)
    one.locator(".lab-ask").click()
    point, slide = one.locator(".lab-point"), one.locator(".lab-slide output")
    was = slide.inner_text()
    place = point.bounding_box()
    assert place is not None
    page.mouse.move(place["x"] + 9, place["y"] + 9)
    page.mouse.down()
    page.mouse.move(place["x"] + 9, place["y"] + 60, steps=4)
    page.mouse.up()
    expect(slide).not_to_have_text(was)
    assert float(slide.inner_text()) < float(was)
    one.get_by_role("button", name="Lock it and look").click()
    expect(one.locator(".lab-told p")).to_contain_text("You said ")
    one.get_by_role("button", name="Clear").click()
    expect(one.locator(".lab-told")).to_be_hidden()

    two = wait_for_part(page, 2)
    two.locator(".lab-ask").click()
    expect(two.locator(".lab-choices label")).to_have_count(5)
    two.get_by_role("button", name="Look without predicting").click()
    expect(two.locator(".lab-chart").first).to_be_visible()
    expect(two.locator(".lab-ask")).to_be_focused()


def test_without_a_learner_nothing_of_the_exercises_is_there(shared_page: Page) -> None:
    for number in NUMBERS:
        exercises = wait_for_part(shared_page, number).locator(".lab-exercises")
        expect(exercises.locator("summary")).to_have_text("Exercises")
        expect(exercises.locator("> *")).to_have_count(1)
