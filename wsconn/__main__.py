"""`python -m wsconn` is the command line `wsconn`."""

import sys

from wsconn._cli import main

if __name__ == "__main__":
    sys.exit(main())
