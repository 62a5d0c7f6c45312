"""What is in a checkout, and is no source."""

from __future__ import annotations

import shutil

NO_SOURCES = shutil.ignore_patterns(".*", "*.egg-info", "__pycache__", "*.py[cod]", "build", "dist", "_build")
