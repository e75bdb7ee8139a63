"""What the page says of predictions for new rows."""

import json
from pathlib import Path

from labbook.report.page.taken_away import taken_away_view
from tests.made_champion import images, made_champion, of_classes


def view(folder: Path, dataset=None, model=None):
    made_champion(folder, dataset, **({"model": model} if model else {}))
    about = folder / "results/made/champion/champion.json"
    return taken_away_view("made", json.loads(about.read_text()))


def test_the_three_commands_and_what_intervals_hold(tmp_path):
    shown = view(tmp_path)
    assert shown["commands"] == [
        "labbook predict made new.csv -o out.csv",
        "labbook export made -o model.onnx",
        "labbook recreate made/champion",
    ]
    assert "Intervals of 90" in shown["sentences"][0]
    assert "n\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}3)" in shown["sentences"][0]
    assert "Of each row only runs count" in shown["sentences"][1]


def test_of_classes_and_of_images(tmp_path):
    assert "Sets of classes of 90" in view(tmp_path / "a", of_classes())["sentences"][0]
    shown = view(tmp_path / "b", images(), {"kind": "linear"})
    assert shown["commands"][0] == "labbook predict made images.idx -o out.csv"


def test_an_older_champion_has_no_such_section():
    assert taken_away_view("made", {"recipe": {}}) is None
