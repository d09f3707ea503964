"""The sample texts are fit to be listed and run."""

from core.model.texts import DEFAULT_TEXT, OWN, SAMPLES


def test_the_default_text_comes_first_with_its_source():
    assert SAMPLES[0].text == DEFAULT_TEXT
    assert SAMPLES[0].source == "Wikipedia, “Purple”, CC BY-SA"
    assert DEFAULT_TEXT.startswith("Purple is a color similar in appearance to violet light. In the RYB")
    assert "  " not in DEFAULT_TEXT
    assert DEFAULT_TEXT.endswith("purple is considered a cool color.")


def test_every_sample_is_different_short_and_says_what_to_look_for():
    assert 6 <= len(SAMPLES) <= 9
    assert len({sample.title for sample in SAMPLES}) == len({sample.text for sample in SAMPLES}) == len(SAMPLES)
    for sample in SAMPLES:
        assert 0 < len(sample.text) <= 600
        assert sample.look_for.endswith(".")
        assert sample.source == OWN or sample is SAMPLES[0]


def test_the_repeated_sample_repeats_itself():
    words = SAMPLES[1].text.split()
    assert words == (words[:6] * 4)[: len(words)]
    assert len(words) >= 18
