"""The parts of the study, one file each, named by its subject."""
