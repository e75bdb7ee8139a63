"""The languages that a report can speak: English, and one file of sentences for each other."""

from pathlib import Path

HERE = Path(__file__).parent
ENGLISH = "en"
LANGUAGES = (ENGLISH, *sorted(file.stem for file in HERE.glob("*.toml")))
