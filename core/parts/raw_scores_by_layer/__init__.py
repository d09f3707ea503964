from core.parts.settings import Switch

QUESTION = "Is that so in every layer?"
SETTINGS = (Switch("density_fit", False, "Fit colours to data"),)
