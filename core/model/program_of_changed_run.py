"""Run the text once with changes of attention, and keep what every layer's attention gets."""

from core.model.program_with_changes import says, scale_of, visible_in

CHANGES = [{"divide": 1.0}]  # what is otherwise in the run

run = says(CHANGES)
logits = run.logits[-1]  # what comes after the last token

kept, scale, softcap, visible = [], [], [], []
for layer in run.layers:
    # A layer has one scale and one mask here: the run had the changes of some heads or queries, these do without them.
    layer.changes = [change for change in layer.changes if "heads" not in change and "queries" not in change]
    kept.append((layer.query, layer.key, layer.value))
    scale.append(scale_of(layer)[0, 0, 0].item())
    softcap.append(layer.softcap)
    visible.append(visible_in(layer)[0].numpy())
