"""What every test may use."""

import os

# The tests share two cores with browsers and kernels; torch reads this once, when it is first imported.
os.environ.setdefault("OMP_NUM_THREADS", "1")
