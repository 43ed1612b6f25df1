"""Istmo's command line: `python server.py --help`. What it runs is in service/."""

import signal
import sys

from service.commands import main

if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))  # leaves an embedded database in order
    main()
