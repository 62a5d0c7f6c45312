"""The clients that are measured, a file each; every run is a process of its own that is told what to do over stdin."""
