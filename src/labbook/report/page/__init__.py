"""The report: one page in HTML, from templates."""
