"""How pip builds the lab: by setuptools, with the settings and the template in an editable installation too.

Of a project's data files setuptools' own editable installations leave out all, though they mean to install them: it
asks whether there are any by a name, `has_data`, that it does not have. Once it has, this changes nothing.
"""

from setuptools import Distribution
from setuptools.build_meta import *  # noqa: F403  pip calls its functions by name

if not hasattr(Distribution, "has_data") and hasattr(Distribution, "has_data_files"):
    Distribution.has_data = Distribution.has_data_files
