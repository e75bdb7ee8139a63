"""The file beside raw data that says which edition lies there: real, or a stand-in."""

EDITION = "edition.json"
