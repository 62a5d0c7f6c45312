"""Real servers on loopback that stand in for regions, each healthy or with one fault to choose.

    from wsconn.lab import Lab, faults

    with Lab() as lab:
        lab.add("eu-west-1")
        lab.add("us-east-1", tls=True, latency=0.03)
        lab.add("sa-east-1", fault=faults.http_status(503, headers={"Retry-After": "30"}))
        wsconn.check(lab.regions, ssl_context=lab.ssl_context)

Use it to test what your program does with a warning, a failure or an abort. It needs `wsconn[lab]`.
"""

from __future__ import annotations

try:
    import trustme  # noqa: F401  only asks whether the extra is there
    import websockets  # noqa: F401  only asks whether the extra is there
except ImportError as exc:
    raise ImportError(f'wsconn.lab needs {exc.name}: pip install "wsconn[lab]"', name=exc.name) from exc

from wsconn.lab import faults
from wsconn.lab._fault import Fault
from wsconn.lab._fault_names import UnknownFaultError, fault_named
from wsconn.lab._lab import Lab
from wsconn.lab._served import served
from wsconn.lab.faults import FAULTS

__all__ = ["FAULTS", "Fault", "Lab", "UnknownFaultError", "fault_named", "faults", "served"]
