"""Images of one's own: IDX files, a folder for each class, a table of pixels."""

import gzip
import struct
import tarfile
import zlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from pydantic import ValidationError

from labbook.data.fetching.download import download
from labbook.data.idx import write_idx
from labbook.data.kinds.images import preview_images, read_images
from labbook.data.own_files import copy_own, members, own_sum
from labbook.errors import LabbookError
from labbook.identity.code import file_digest
from labbook.params.images import Images

SHARES = {"valid": 0.2, "test": 0.2}
DRAWN = np.random.default_rng(0).integers(0, 256, (6, 3, 4)).astype(np.uint8)  # height 3, width 4


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def block(**settings) -> Images:
    return Images(**{"path": "tables/pets", "split": SHARES} | settings)


def save(name: str, image: np.ndarray | Image.Image, kind: str = "PNG", **more) -> Path:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = image if isinstance(image, Image.Image) else Image.fromarray(image)
    picture.save(path, kind, **more)
    return path


def pets(folder: str = "tables/pets") -> None:
    for number, image in enumerate(DRAWN):
        save(f"{folder}/{'dog' if number < 2 else 'cat'}/{number}.png", image)


def both(dataset: Images):
    """What `labbook check` reads, which must be what is prepared after the download."""
    seen = read_images(dataset, None)
    download("pets", dataset, Path("raw"), mirror=None, stand_ins=True)
    prepared = read_images(dataset, Path("raw"))
    assert (seen.features == prepared.features).all()
    assert (seen.target == prepared.target).all()
    assert seen.classes == prepared.classes
    return prepared


def test_a_folder_for_each_class() -> None:
    pets()
    for name in ("cat/.DS_Store", ".git/cat.png", "cat/Thumbs.db", "README.txt"):
        Path("tables/pets", name).parent.mkdir(exist_ok=True)
        Path("tables/pets", name).write_text("no image")
    numbers = both(block())
    assert numbers.classes == ("cat", "dog")
    assert numbers.target.tolist() == [0, 0, 0, 0, 1, 1]
    assert (numbers.features == DRAWN[[2, 3, 4, 5, 0, 1]]).all()
    assert (numbers.kind, numbers.fixed, numbers.fixed_valid) == ("images", 0, 0)


def test_classes_that_are_numbers_are_in_their_order() -> None:
    for name in ("10", "9", "0"):
        save(f"tables/pets/{name}/a.png", DRAWN[0])
    assert both(block()).classes == ("0", "9", "10")


def test_own_images_for_validation_and_test() -> None:
    pets()
    save("tables/later/cat/a.png", DRAWN[1])
    save("tables/last/dog/a.png", DRAWN[0])
    save("tables/last/dog/b.png", DRAWN[3])
    fixed = {"valid": "fixed", "test": "fixed"}
    numbers = both(block(valid="tables/later", test="tables/last", split=fixed))
    assert (numbers.fixed_valid, numbers.fixed) == (1, 2)
    assert (numbers.features[-3:] == DRAWN[[1, 0, 3]]).all()
    assert numbers.target[-3:].tolist() == [0, 1, 1]
    save("tables/last/fox/c.png", DRAWN[3])
    with pytest.raises(LabbookError, match="no image to train on has the class fox"):
        both(block(valid="tables/later", test="tables/last", split=fixed))


@pytest.mark.parametrize(
    ("image", "grey"),
    [
        (Image.new("1", (2, 2), 1), 255),
        (Image.new("P", (2, 2), 0), 0),
        (Image.new("RGB", (2, 2), (255, 0, 0)), 76),
        (Image.new("RGBA", (2, 2), (0, 0, 0, 0)), 255),  # transparent black on a white page
        (Image.new("LA", (2, 2), (100, 255)), 100),
        (Image.fromarray(np.full((2, 2), 65535, np.uint16)), 255),
        (Image.fromarray(np.full((2, 2), 25700, np.uint16)), 100),
    ],
)
def test_all_kinds_of_png_become_grey(image: Image.Image, grey: int) -> None:
    save("tables/pets/a/1.png", image)
    save("tables/pets/b/1.png", Image.new("L", (2, 2), 3))
    assert (read_images(block(), None).features[0] == grey).all()


def test_jpeg_files_are_turned_as_the_camera_says() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    image = np.repeat(np.array([[0, 250]], np.uint8), [8, 8], axis=1).repeat(8, axis=0)
    for name in "ab":
        save(f"tables/pets/{name}/1.JPG", image, "JPEG", exif=exif, quality=95)
    features = both(block()).features
    assert features.shape == (2, 16, 8)
    assert features[0][:7].max() < 30
    assert features[0][9:].min() > 220


def png_of(width: int, height: int) -> bytes:
    """A PNG that promises this size, and has next to nothing in it."""
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    whole = struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))
    return b"\x89PNG\r\n\x1a\n" + whole + struct.pack(">I", 1000) + b"IDAT" + bytes(1000)


def test_what_is_no_image_is_named() -> None:
    pets()
    whole = Path("tables/pets/cat/2.png").read_bytes()
    cases = {
        "empty": (b"", "cat/9.png: is no PNG or JPEG image"),
        "cut off": (whole[:50], "cat/9.png: is no PNG or JPEG image"),
        "text": (b"GIF89a", "if it is no image, move it"),
        "a bomb": (png_of(60_000, 60_000), "cat/9.png: has a side of more than 4,000 pixels"),
        "a long one": (png_of(4_001, 1), "cat/9.png: has a side of more than 4,000 pixels"),
        "a smaller bomb": (png_of(3_900, 3_900), "cat/9.png: is no PNG or JPEG image"),
    }
    for what, (content, words) in cases.items():
        Path("tables/pets/cat/9.png").write_bytes(content)
        with pytest.raises(LabbookError) as caught:
            both(block())
        assert words in str(caught.value), what
    Path("tables/pets/dog/8.png").write_bytes(b"")
    with pytest.raises(LabbookError, match=r"(?s)cat/9\.png.*dog/8\.png"):
        both(block())


def test_sizes_that_differ() -> None:
    pets()
    save("tables/pets/dog/9.png", DRAWN[0].T)
    with pytest.raises(LabbookError) as caught:
        both(block())
    assert "cat/2.png is 4 x 3 pixels, and dog/9.png is 3 x 4. All" in str(caught.value)


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ([], "tables/pets: holds no images"),
        (["a.png"], "tables/pets: holds no images"),
        (["cat/1.png"], r"1 images of 1 class\(es\), cat"),
        (["cat/1.png", "dog/old/1.png"], "dog/old/1.png: lies too deep"),
    ],
)
def test_folders_that_are_laid_out_otherwise(files: list[str], words: str) -> None:
    Path("tables/pets").mkdir(parents=True)
    for name in files:
        save(f"tables/pets/{name}", DRAWN[0])
    with pytest.raises(LabbookError, match=words):
        both(block())


def test_a_folder_s_sum_is_that_of_names_and_contents_alone(tmp_path: Path) -> None:
    pets()
    before = own_sum(Path("tables/pets"))
    assert Path("raw").mkdir() is None
    copy_own("path", "tables/pets", Path(), Path("raw/images.tar"))
    assert file_digest(Path("raw/images.tar")) == before
    pets("tables/again")
    assert own_sum(Path("tables/again")) == before  # another place, another time
    Path("tables/pets/cat/.hidden").write_text("a")
    assert own_sum(Path("tables/pets")) == before
    Path("tables/pets/cat/2.png").rename("tables/pets/cat/7.png")
    assert own_sum(Path("tables/pets")) != before
    assert own_sum(Path("tables/none")) is None


def test_links_out_of_the_project_are_refused(tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside")
    save(f"{outside}/1.png", DRAWN[0])
    pets()
    Path("tables/pets/cat/a.png").symlink_to("2.png")
    assert len(members(Path("tables/pets"))) == 7
    Path("tables/pets/cat/b.png").symlink_to(outside / "1.png")
    for path in ("tables/pets", "tables/away"):
        with pytest.raises(LabbookError, match="leads out of this folder by a link"):
            copy_own("datasets.pets.path", path, Path(), Path("copy"))
        assert own_sum(Path(path)) is None
        if path == "tables/pets":
            Path("tables/away").symlink_to(outside)
    Path("tables/pets/cat/b.png").unlink()
    Path("tables/pets/fox").symlink_to("cat")
    with pytest.raises(LabbookError, match="fox is a link to a folder"):
        copy_own("datasets.pets.path", "tables/pets", Path(), Path("copy"))


def write_digits(names: str = "train", zipped: bool = True) -> None:
    Path("tables/digits").mkdir(parents=True, exist_ok=True)
    for begin in names.split():
        for kind, values in (("images-idx3", DRAWN), ("labels-idx1", np.arange(6) % 3)):
            content = write_idx(values.astype(np.uint8))
            path = Path(f"tables/digits/{begin}-{kind}-ubyte{'.gz' if zipped else ''}")
            path.write_bytes(content if zipped else gzip.decompress(content))


@pytest.mark.parametrize("zipped", [True, False])
def test_idx_files(zipped: bool) -> None:
    write_digits("train t10k", zipped)
    Path("tables/digits/notes.txt").write_text("of mine")
    numbers = both(block(path="tables/digits"))
    assert (numbers.features == DRAWN).all()
    assert numbers.classes == ("0", "1", "2")
    numbers = both(block(path="tables/digits", split={"valid": 2, "test": "fixed"}))
    assert (len(numbers.target), numbers.fixed) == (12, 6)


def test_idx_files_that_are_not_there_or_broken() -> None:
    write_digits()
    with pytest.raises(LabbookError, match=r"tables/digits: has 0 files named t10k\.\.\.images"):
        both(block(path="tables/digits", split={"valid": 2, "test": "fixed"}))
    images = Path("tables/digits/train-images-idx3-ubyte.gz")
    images.write_bytes(images.read_bytes()[:-30])
    with pytest.raises(LabbookError, match=r"images-idx3-ubyte\.gz: cannot be read") as caught:
        read_images(block(path="tables/digits"), None)
    assert "Remove" not in str(caught.value)  # it is the user's own


def write_pixels(values: np.ndarray, name: str = "tables/pixels.csv", **more) -> None:
    Path(name).parent.mkdir(exist_ok=True)
    frame = pd.DataFrame(values.reshape(len(values), -1))
    frame.insert(0, "label", ["b", "a", "c", "a", "b", "c"])
    frame.columns = frame.columns.astype(str)
    frame.to_csv(name, index=False, **more)


def test_a_table_of_pixels() -> None:
    write_pixels(DRAWN)
    dataset = block(path="tables/pixels.csv", target="label", height=3)
    numbers = both(dataset)
    assert (numbers.features == DRAWN).all()
    assert numbers.classes == ("a", "b", "c")
    assert numbers.target.tolist() == [1, 0, 2, 0, 1, 2]
    write_pixels(DRAWN / 255)  # from 0 to 1
    assert (both(dataset).features == DRAWN).all()
    write_pixels(DRAWN[:, :, :3], header=False)
    numbers = both(block(path="tables/pixels.csv", target="1", header=False))
    assert (numbers.features == DRAWN[:, :, :3]).all()


@pytest.mark.parametrize(
    ("change", "settings", "words"),
    [
        ({}, {}, "has 12 columns beside 'label', no square"),
        ({}, {"height": 5}, "no multiple of `height: 5`"),
        ({}, {"height": 3, "target": "lable"}, "has no column 'lable', which `target` names"),
        ({(1, 0): 256.0}, {"height": 3}, "line 3, column '0': 256 is no brightness"),
        ({(1, 0): -1.0}, {"height": 3}, "-1 is no brightness"),
        ({(2, 1): np.nan}, {"height": 3}, "line 4, column '1': the field is empty"),
    ],
)
def test_a_table_that_holds_no_images(change, settings, words) -> None:
    values = DRAWN.reshape(6, -1).astype(float)
    for place, value in change.items():
        values[place] = value
    write_pixels(values)
    with pytest.raises(LabbookError) as caught:
        both(block(path="tables/pixels.csv", **{"target": "label"} | settings))
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"path": None}, "needs exactly one source"),
        ({"package": "mnist-5k"}, "needs exactly one source"),
        ({"path": "tables/a.csv"}, "a table of pixels needs `target`"),
        ({"target": "label"}, "are for a `path` to a table of pixels"),
        ({"path": "."}, "name a folder for images alone"),
        ({"path": "data/raw"}, "name a folder for images alone"),
        ({"path": "../pets"}, "lies outside of this folder"),
        ({"test": "tables/last"}, r"needs split\.test: fixed"),
        ({"split": {"valid": "fixed", "test": 1}}, "needs `valid`"),
        ({"test": "tables//pets/", "split": {"valid": 1, "test": "fixed"}}, "`path` and `test` name the same tables/pets"),
    ],
)  # fmt: skip
def test_settings_that_do_not_fit(settings, words) -> None:
    with pytest.raises(ValidationError, match=words):
        block(**settings)


def test_many_images_are_not_read_to_be_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    pets()
    assert preview_images(block())[0] is not None
    monkeypatch.setattr("labbook.data.kinds.images.MOST_BYTES", 100)
    numbers, sentences = preview_images(block())
    assert numbers is None
    assert "many images" in sentences[0]


def test_where_images_lie_and_settings_of_before_change_no_identity() -> None:
    split = {"valid": "fixed", "test": "fixed"}
    one = block(valid="tables/a", test="tables/b", split=split)
    other = block(path="tables/x", valid="tables/y", test="tables/z", split=split)
    assert one.identity() == other.identity()
    assert set(Images(package="mnist-5k", split=SHARES).identity()) == {
        "kind", "files", "package", "split", "sample",
    }  # fmt: skip


def test_the_archive_is_one_that_other_programs_read() -> None:
    pets()
    long = f"tables/pets/cat/{'ä' * 80}{'b' * 60}.png"
    save(long, DRAWN[0])
    copy_own("path", "tables/pets", Path(), Path("images.tar"))
    with tarfile.open("images.tar") as archive:
        names = archive.getnames()
        assert names == list(members(Path("tables/pets")))
        assert {entry.mtime for entry in archive} == {0}
        for name in names:
            file = archive.extractfile(name)
            assert file is not None
            assert file.read() == Path("tables/pets", name).read_bytes()
    assert own_sum(Path("tables/pets")) == file_digest(Path("images.tar"))
