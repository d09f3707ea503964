"""Loading a model without what only clusters, compilers and training need: torch.distributed, torch's compiler with
its algebra system, and first weights. They would be 70 MB of each learner's memory and half of a first run's time.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from types import ModuleType
from typing import Any

COMPILER = "torch._dynamo"


class NoCompiler(ModuleType):
    """A compiler whose every decorator leaves a function as it is; the modules in it are the real ones."""

    def __init__(self, path: Sequence[str]) -> None:
        super().__init__(COMPILER)
        self.__path__ = list(path)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("__"):  # asked by Python itself
            raise AttributeError(name)
        return lambda function=None, *_, **__: function or (lambda function: function)


@contextmanager
def lean_torch() -> Iterator[None]:
    """Within it transformers is imported and weights are read; all is whole again for whoever comes later.

    transformers knows builds of torch without torch.distributed. The compiler is only asked to leave some functions
    alone, and nothing is compiled here. The weights that a layer draws at first are replaced by those of the file:
    transformers makes them without memory (on the device `meta`), where torch draws nothing but loads its algebra.
    What torch does not have where it is looked for is left alone.
    """
    import torch

    class NoDraws(torch.overrides.TorchFunctionMode):
        def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            drawn = (kwargs or {}).get("tensor")
            if getattr(function, "__module__", "") == "torch.nn.init" and getattr(drawn, "is_meta", False):
                return drawn
            return function(*args, **(kwargs or {}))

    compiler = find_spec(COMPILER)
    if COMPILER in sys.modules or compiler is None or not hasattr(torch.distributed, "is_available"):
        yield
        return
    available = torch.distributed.is_available
    sys.modules[COMPILER] = NoCompiler(compiler.submodule_search_locations or [])
    torch.distributed.is_available = lambda: False
    try:
        with NoDraws():
            yield
    finally:
        del sys.modules[COMPILER]
        torch.distributed.is_available = available
