"""`labbook check` looks at images of one's own, and at files that are not there."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from labbook.cli import main

PARAMS = """
seeds: 6
controls: false
datasets:
  pets: {kind: images, path: tables/pets/, split: {valid: 0.2, test: 0.2}}
recipes:
  pets:
    dataset: pets
    model: {kind: cnn, channels: [4]}
    optimizer: {kind: adam, rate: 0.02}
    training: {batch: 32, epochs: 40}
studies:
  pets-channels: {question: How many?, recipe: pets, vary: {model.channels: [[2], [2, 2, 2, 2]]}}
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for place in ("cat", "dog"):
        Path("tables/pets", place).mkdir(parents=True)
        for number in range(20):
            image = Image.fromarray(np.full((12, 12), number, np.uint8))
            image.save(f"tables/pets/{place}/{number}.png")
    Path("params.yaml").write_text(PARAMS)


def said(capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    code = main(["check"])
    return code, "".join(capsys.readouterr())


def test_images_that_are_too_small_for_a_network(capsys: pytest.CaptureFixture[str]) -> None:
    code, text = said(capsys)
    assert code == 1
    assert "with channels 2-2-2-2: model cnn: images of 12 x 12 are too small" in text
    Path("params.yaml").write_text(PARAMS.replace("[2, 2, 2, 2]", "[4]"))
    assert said(capsys)[0] == 0


def test_images_that_are_not_there_or_broken(capsys: pytest.CaptureFixture[str]) -> None:
    Path("params.yaml").write_text(PARAMS.replace("[2, 2, 2, 2]", "[4]"))
    Path("tables/pets/cat/3.png").write_bytes(b"")
    assert "line 5: datasets.pets: tables/pets/cat/3.png: is no PNG" in said(capsys)[1]
    shutil.rmtree("tables/pets")
    text = said(capsys)[1]
    assert "line 5: datasets.pets.path: no file or folder tables/pets in" in text
    assert "dvc pull" not in text
    Path("tables/pets.dvc").touch()  # a clone where nobody has pulled
    assert "`dvc pull tables/pets.dvc` brings it" in said(capsys)[1]
