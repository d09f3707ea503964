"""Every picture, title, axis label, legend entry and control that the lab shows: where it stands, and what it draws."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

Kind = Literal["picture", "words in picture", "words", "control"]


class Row(NamedTuple):
    """One thing that must be on the page."""

    part: int
    """0: always in sight."""
    kind: Kind
    text: str
    """What it says: words that begin a line of a picture, a control's label, a pattern of words beside a picture."""
    selector: str
    arrays: tuple[str, ...] = ()
    """What a picture draws: names of an export's arrays, or fields of the results in `core.parts`."""
    by_layer: bool = False
    """Another layer must look different."""
    by_text: bool = False
    """Another text must look different."""

    def __str__(self) -> str:
        return f"{self.part}-{self.kind}-{self.text}"


def panel(part: int) -> str:
    """The selector of a part."""
    return f'.lab-panel:has(.lab-number:text-is("{part}"))'


def picture(
    part: int,
    name: str,
    *arrays: str,
    words: tuple[str, ...] = (),
    by_layer: bool = False,
    by_text: bool = True,
) -> Iterator[Row]:
    """A chart, found by words that stand in no other chart of its part: its title if it has one.

    `words` are the others that it has to show: axis labels, legend entries, names of groups, colour bar.
    """
    chart = f'{panel(part)} .lab-chart:has(text:text-is("{name}"))'
    yield Row(part, "picture", name, chart, arrays, by_layer, by_text)
    for text in (name, *words):
        yield Row(part, "words in picture", text, chart)


def control(part: int, trait: str, label: str) -> Row:
    """A control of a trait of the state; `label` is what a screen reader calls it."""
    where = panel(part) if part else ".lab-bar"
    return Row(part, "control", label, f"{where} .lab-control-{trait.replace('_', '-')}")


def words(part: int, pattern: str, selector: str, *arrays: str) -> Row:
    """Words beside the pictures that hold numbers."""
    return Row(part, "words", pattern, f"{panel(part)} {selector}", arrays)


WITHIN_ACROSS = ("Same head", "Diff heads")
RAW_BY_LAYER = ("QKᵀ activation value", "Transformer layer", "0", "0.15", "Density · data")
WEIGHTS_BY_LAYER = ("Softmax attention prob", "Transformer layer", "0", "0.5", "Density · data")
MASK = ("Token position",)
TOKENS = ("Key token", "Query token", "data")
ORDERS = ("Mean of softmaxes", "Softmax of mean")

ROWS: tuple[Row, ...] = (
    # Always in sight.
    Row(0, "control", "Text", ".lab-bar .lab-text"),
    Row(0, "control", "Sample texts", ".lab-bar .lab-samples"),
    Row(0, "control", "Run", ".lab-bar .lab-run"),
    Row(0, "control", "Model", ".lab-bar .lab-models"),
    Row(0, "words", r"\d+ layers × \d+ heads.*\d+ tokens", ".lab-bar .lab-facts", ("Tokens.model",)),
    control(0, "layer", "Layer"),
    control(0, "head", "Head"),
    control(0, "mask_size", "Mask size"),
    # 1 · Why the scores are divided by √d
    *picture(
        1,
        "Matrix standard deviation",
        *("part1_sizes", "part1_std_raw", "part1_std_scaled", "part1_theory", "Scaling.theory_scaled"),
        words=("Matrix size", "No scaling", "√N scaling", "Theory"),
        by_text=False,
    ),
    *picture(
        1,
        "Softmax weight",
        *("Saturation.weights_raw", "Saturation.weights_scaled", "Saturation.entropy_raw", "Saturation.entropy_scaled"),
        words=("Entry of the row", "No scaling: entropy", "√N scaling: entropy"),
        by_text=False,
    ),
    control(1, "sizes_from", "Sizes n"),
    control(1, "seed", "Draw again"),
    control(1, "sigma", "Spread σ"),
    control(1, "size", "Size n"),
    # 2 · Model, tokens, and the Q, K, V activations
    words(2, r"0\s*\d+\s*\S", ".lab-chips", "tokens", "token_text"),
    words(2, r"c_attn.*3E.*\(1, \d+, \d+\)", ".lab-shapes", "Tokens.projection_shapes"),
    words(2, r"Layers.*Heads.*Width.*Head width.*√d.*Parameters", ".lab-shapes", "Tokens.model", "Tokens.root_width"),
    words(2, r"Q \(\d+, \d+\).*K \(.*V \(", ".lab-shapes", "Tokens.activation_shape", "Tokens.head_shape"),
    *picture(
        2,
        "The model's guesses for the next token",
        *("part2_next_ids", "part2_next_probability", "Tokens.next_text"),
        words=("Probability",),
    ),
    # 3 · Split into heads
    *picture(
        3,
        "Head dim",
        "part3_query_heads",
        words=("Token position", "Qh0", "Qh1", "−2", "2", "Activation · data"),
        by_layer=True,
    ),
    control(3, "activation", "Show"),
    control(3, "activation_limit", "Colour scale ±"),
    control(3, "activation_fit", "Fit colours to data"),
    *picture(
        3,
        "A) Attention A of every head",
        "Overview.maps",
        words=("Head", "Transformer layer", "0", "Weight · data"),
        by_layer=True,
    ),
    *picture(
        3,
        "B) A number of every head",
        *("Overview.entropy", "part3_to_first", "part3_to_previous", "part3_to_itself"),
        *("part3_raw_score", "part3_within_minus_across"),
        words=("Head", "Transformer layer", "0", "1", "Entropy · data"),
        by_layer=True,
    ),
    words(
        3,
        r"Previous-token heads.*Layer \d+, head \d+: .*%.*First-token heads.*Layer \d+.*Duplicate-token heads",
        ".lab-kinds",
        "part3_to_duplicates",
    ),
    control(3, "measure", "Number of each head"),
    # 4 · Raw scores in one layer, within and across heads
    *picture(
        4,
        "A) Raw attention scores",
        *("part4_within", "part4_across"),
        words=("QKᵀ dot products", *WITHIN_ACROSS),
        by_layer=True,
    ),
    *picture(
        4,
        "B) Distributions",
        *("RawScores.within_density", "RawScores.across_density"),
        words=("Dot product value", "Density", *WITHIN_ACROSS),
        by_layer=True,
    ),
    words(4, r"Same head.*Diff heads.*n.*Mean.*SD.*Above 0", ".lab-summary", "RawScores.within", "RawScores.across"),
    control(4, "query", "Query token"),
    control(4, "skip_first", "Leave out the first token"),
    *picture(
        4,
        "A) Attention on token 0",
        "FirstShare.share",
        words=("Head", "Transformer layer", "0", "1", "Share · data"),
        by_layer=True,
    ),
    *picture(
        4,
        "B) Scores on token 0 and on the others",
        "FirstToken.scores",
        words=("Head", "Raw score", "Others: lowest, mean, highest", "Token 0"),
        by_layer=True,
    ),
    *picture(
        4,
        "A) Every pair of heads",
        "part4_head_pairs",
        words=("Keys of head", "Queries of head", "Mean score · data"),
        by_layer=True,
    ),
    *picture(
        4,
        "B) On the diagonal and off it",
        *("HeadPairs.within", "HeadPairs.across"),
        words=("Mean score", "Computed", "Never computed"),
        by_layer=True,
    ),
    control(4, "first_look", "Token 0"),
    control(4, "first_layers", "In"),
    # 5 · The same over all layers
    *picture(5, "A) Within heads", "part5_edges", "part5_within", words=RAW_BY_LAYER, by_layer=True),
    *picture(5, "B) Across heads", "part5_edges", "part5_across", words=RAW_BY_LAYER, by_layer=True),
    *picture(
        5,
        "Density",
        *("RawScoresByLayer.within_mean", "RawScoresByLayer.within_sd"),
        *("RawScoresByLayer.across_mean", "RawScoresByLayer.across_sd"),
        words=("QKᵀ activation value", "Within heads", "Across heads"),
    ),
    control(5, "density_fit", "Fit colours to data"),
    # 6 · Raw and softmax distributions, layer by layer
    *picture(
        6, "A) Means of QKᵀ", "part6_mean", "part6_std", words=("Transformer layer", "Activation mean"), by_layer=True
    ),
    *picture(
        6,
        "B) Distributions of QKᵀ",
        *("part6_raw_edges", "part6_raw_density"),
        words=("Activation value", "Density", "Transformer layer"),
        by_layer=True,
    ),
    *picture(
        6,
        "C) Distributions of σ(QKᵀ)",
        *("part6_softmax_edges", "part6_softmax_density"),
        words=("Softmax probability", "Density (log scale)", "Transformer layer"),
        by_layer=True,
    ),
    control(6, "causal", "Apply the model's mask"),
    *picture(
        6,
        "Entropy of attention",
        *("ScaleEffect.entropy_before", "ScaleEffect.entropy_after"),
        words=("Transformer layer", "Entropy, 0 to 1", "As it is", "Changed"),
    ),
    control(6, "divisor", "Divide by"),
    control(6, "divided_by", "The number"),
    control(6, "scale_layers", "In"),
    # 7 · Softmax: self- and cross-token attention
    *picture(7, "A) Binary mask (0 or 1)", "part7_mask_binary", words=MASK, by_text=False),
    *picture(
        7, "B) Time-causal mask (M)", "part7_mask_causal", "CausalMask.hidden", words=(*MASK, "−∞"), by_text=False
    ),
    *picture(7, "C) Impact of softmax", "part7_mask_softmax", words=(*MASK, "0", "1", "data"), by_text=False),
    control(7, "mask_size", "Mask size"),
    *picture(
        7,
        "Softmax attention weight",
        *("part7_final_to_previous", "part7_self", "part7_first_to_self"),
        words=("Final to prev", "Self-attention", "other tokens", "first token"),  # the last two stand on two lines
        by_layer=True,
    ),
    *picture(7, "Raw scores S", "HeadMaps.raw", words=TOKENS, by_layer=True),
    *picture(7, "Masked scores S + M", "HeadMaps.masked", "HeadMaps.hidden", words=TOKENS, by_layer=True),
    *picture(7, "Attention A", "HeadMaps.weights", words=TOKENS, by_layer=True),
    words(7, r"Query \d+ .*on key \d+", ".lab-part-attention_maps .lab-cell", "token_text"),
    words(7, r"Query \d+ .*gives most to key \d+ .*%", ".lab-part-attention_text .lab-cell", "HeadMaps.weights"),
    words(7, r"\w+(.*\w+){20}", ".lab-part-attention_text .lab-shaded", "token_text", "HeadMaps.weights"),
    control(7, "query", "Query token"),
    control(7, "key", "Key token"),
    control(7, "weight_limit", "Colours of A up to"),
    # 8 · Part 7b over all layers
    *picture(8, "A) Final to previous", "part8_edges", "part8_density", words=WEIGHTS_BY_LAYER, by_layer=True),
    *picture(8, "B) Self-attention", "part8_edges", "part8_density", words=WEIGHTS_BY_LAYER, by_layer=True),
    *picture(
        8,
        "C) First to self",
        *("part8_edges", "part8_density"),
        words=WEIGHTS_BY_LAYER,
        by_layer=True,
        by_text=False,  # always 1
    ),
    control(8, "attention_fit", "Fit colours to data"),
    control(8, "other_text", "Text A"),
    *picture(
        8,
        "A) Difference of the two texts",
        "TwoTexts.difference",
        words=("Q", "Raw", "Masked", "Softmax", "Share of their size", "Transformer layer"),
        by_layer=True,
    ),
    words(8, r"queries of layer \d+.*\d %", ".lab-part-two_texts .lab-charts > :nth-child(2)", "TwoTexts.of_token"),
    control(8, "patched", "Scores of A in"),
    *picture(
        8,
        "A) One layer's scores of A",
        *("Patching.by_layer", "Patching.of_a", "Patching.of_b"),
        words=("A", "B", "B with scores of A", "Transformer layer"),
        by_layer=True,
    ),
    *picture(
        8,
        "B) One head's scores of A",
        "Patching.by_head",
        words=("A", "B", "B with scores of A", "Head"),
        by_layer=True,
    ),
    words(
        8,
        r"Text A.*%.*Text B.*%.*Text B with scores of A.*%",
        ".lab-part-patching .lab-says",
        *("Patching.other", "Patching.effect"),
    ),
    # 9 · Averaging within or across heads
    *picture(
        9,
        "A) Scatter plot of the two calculations",
        *("part9_all_heads", "part9_per_head_mean", "Averaging.slope", "Averaging.limits"),
        words=("QKᵀ ignoring heads", "Average of per-head QKᵀ", "Slope 1"),
        by_layer=True,
    ),
    *picture(
        9,
        "B) Differences between calculations",
        "Averaging.difference",
        words=("QKᵀ matrix index", "Difference"),
        by_layer=True,
    ),
    control(9, "normalisation", "Scale"),
    control(9, "list_length", "Numbers 1 … n"),
    control(9, "cut", "Cut after k"),
    control(9, "average_layers", "In"),
    *picture(
        9,
        "Means",
        *("GroupMeans.numbers", "GroupMeans.cut"),
        words=("Each group", "All", "The two means", "Number"),
        by_text=False,  # arithmetic
    ),
    words(
        9,
        r"First group.*= 1\.5.*Second group.*= 3\.5.*Mean of the two means.*= 2\.5.*Mean of all.*= 2\.5",
        ".lab-sums",
        *("GroupMeans.first", "GroupMeans.second", "GroupMeans.of_means", "GroupMeans.overall"),
    ),
    *picture(
        9,
        "A) One query's attention",
        *("part9_mean_of_softmaxes", "part9_softmax_of_mean"),
        words=("Key token", "Weight", *ORDERS),
        by_layer=True,
    ),
    *picture(
        9,
        "B) How far apart",
        "part9_distance_by_layer",
        words=("Transformer layer", "Share on different tokens"),
        by_layer=True,
    ),
    *picture(
        9,
        "C) Entropy",
        *("part9_entropy_of_mean_by_layer", "part9_entropy_of_one_by_layer"),
        words=("Transformer layer", "Entropy, 0 to 1", *ORDERS),
        by_layer=True,
    ),
    words(
        9,
        r"Keys n.*1 / n.*Mean weight.*Mean raw score.*Query \d+",
        ".lab-part-average_order .lab-summary",
        *("RowMeans.keys", "RowMeans.weight", "RowMeans.score"),
    ),
    control(9, "averaged", "Averaged over"),
    # 10 · Entropy: one token or many
    *picture(
        10,
        "A) Every head",
        "part10_entropy",
        words=("Head", "Transformer layer", "0", "1", "Entropy · data"),
        by_layer=True,
    ),
    *picture(
        10,
        "B) Mean over the heads",
        "part10_by_layer",
        words=("Transformer layer", "Entropy, 0 to 1"),
        by_layer=True,
    ),
    *picture(
        10,
        "A) Heads that are on and off",
        "HeadsOff.off",
        words=("Head", "Transformer layer", "on"),
        by_layer=True,
        by_text=False,  # what a learner chose
    ),
    *(
        Row(10, "control", "Off means", f"{panel(10)} .lab-part-{section} > .lab-controls .lab-control-off-weights")
        for section in ("heads_off", "head_ranking")
    ),
    *picture(
        10,
        "Loss without each head",
        "HeadRanking.rise",
        words=("Head", "Transformer layer", "Rise in nats a token · data"),
        by_layer=True,
    ),
    words(10, r"Missed most.*(Layer \d+, head \d+: .*){5}", ".lab-part-head_ranking .lab-kinds", "HeadRanking.rise"),
)
