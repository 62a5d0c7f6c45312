"""Write the golden files anew; `git diff` shows what has changed."""

from __future__ import annotations

from tests.reports.golden import FILES, FOLDER

for name, made in FILES.items():
    (FOLDER / name).write_text(made(), "utf-8", newline="\n")
