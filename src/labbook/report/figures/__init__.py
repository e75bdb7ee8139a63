"""Figures of a study, a module each; draw.py lists them.

Their colours stand here by the names that the page has for them: it replaces them by its own, so
that figures follow light, dark and print.
"""

PALETTE = {
    "ink": "#1d2126",
    "muted": "#636973",
    "line": "#e3e5e9",
    "paper": "#fffffe",
    "main": "#2460a7",
    "second": "#8a6d1b",
    "bad": "#b2431e",
    "dots": "#7d97b8",
}
