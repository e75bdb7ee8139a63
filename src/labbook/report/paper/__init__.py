"""Draws any figure on paper with matplotlib: SVG for the page, PNG, and PDF for papers."""
