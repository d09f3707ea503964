"""Shapes and types in the signatures of `core` are checked while unit tests run.

And in what else the same process runs after them: `core` is imported once. What runs in processes of its own, such as
programs, kernels and servers, has it as it is.
"""

from jaxtyping import install_import_hook

# An int will do for a float, as in the rest of Python.
install_import_hook("core", "beartype.beartype(conf=beartype.BeartypeConf(is_pep484_tower=True))")
