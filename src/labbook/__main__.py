"""`python -m labbook` is the command labbook."""

import sys

from labbook.cli import main

sys.exit(main())
