"""The version, once: setup.cfg, the User-Agent and `--version` read it here."""

__version__ = "0.2.0"
