"""What can be wrong with a region of the lab: constants, factories, and `FAULTS`, which has the constants by name.

A fault is written once: a constant in the module of its kind. The star imports bring it here with its type, for type
checkers too. They would need any `__all__` to be a literal list, which is a second list of all faults to keep: of one
that is computed Pyright warns, and mypy takes it for empty. So there is none but at run time, where it keeps what the
modules import for themselves out of `from wsconn.lab.faults import *`.
"""

# ruff: noqa: F403  the reason is above

from __future__ import annotations

from collections.abc import Mapping
from types import FunctionType, MappingProxyType
from typing import TYPE_CHECKING

from wsconn.lab._fault import Fault as Fault
from wsconn.lab._fault import Handshake as Handshake
from wsconn.lab._fault import Link as Link
from wsconn.lab._fault import Reachability as Reachability

# In the order of the stages, which is that of FAULTS.
# isort: off
from wsconn.lab.faults._unreachable import *
from wsconn.lab.faults._proxy import *
from wsconn.lab.faults._tls import *
from wsconn.lab.faults._http import *
from wsconn.lab.faults._wanted import *
from wsconn.lab.faults._frames import *
from wsconn.lab.faults._link import *
# isort: on

# Every fault that has a name, in the order of the stages it shows at; factories with their defaults.
FAULTS: Mapping[str, Fault] = MappingProxyType(
    {value.name: value for value in dict(globals()).values() if isinstance(value, Fault)}
)

if not TYPE_CHECKING:
    __all__ = ["FAULTS", "Fault", "Handshake", "Link", "Reachability"]
    __all__ += [
        name
        for name, value in dict(globals()).items()
        if isinstance(value, Fault) or (isinstance(value, FunctionType) and value.__module__.startswith(__name__))
    ]
