"""Print what a Python is and what it runs on, as JSON: run by that Python, which may have nothing else installed."""

from __future__ import annotations

import json
import platform
import ssl
import sys
import sysconfig

print(
    json.dumps(
        {
            "version": platform.python_version() + ("t" if sysconfig.get_config_var("Py_GIL_DISABLED") else ""),
            "gil": getattr(sys, "_is_gil_enabled", lambda: True)(),
            "openssl": ssl.OPENSSL_VERSION.split()[1],
            "machine": platform.machine(),
            "byteorder": sys.byteorder,
        }
    )
)
