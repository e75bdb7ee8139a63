"""From run files to tables, comparisons, verdicts and the champion."""
