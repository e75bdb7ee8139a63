"""Augmentation: against SciPy, against plain loops, and its streams."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy import ndimage

from labbook.data import augmentation
from labbook.data.augmentation import augmented, averaged, copies, mixed
from labbook.data.prepared import FittedSplit, Prepared
from labbook.data.transformations import GEOMETRY, TONES, warped
from labbook.errors import LabbookError
from labbook.metrics import PARTS
from labbook.params.augment import Augment
from labbook.params.training import Training
from labbook.streams import stream
from tests.made_data import recipe, run_of

SHARES = st.sampled_from([0.0, 0.1, 0.5])
AUGMENTS = st.builds(
    Augment,
    rotation=st.sampled_from([0.0, 10.0, 180.0]),
    translation=SHARES,
    scale=SHARES,
    flip=st.sampled_from([None, "horizontal", "vertical"]),
    crop=st.sampled_from([0, 2, 20]),
    contrast=SHARES,
    brightness=SHARES,
    erase=SHARES,
    erase_share=st.sampled_from([0.0, 0.3, 1.0]),
)
SIDES = st.tuples(st.integers(1, 9), st.integers(1, 9))


def pictures(rows: int = 20, height: int = 8, width: int = 11, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random((rows, height, width), dtype=np.float32)


def changed(images: np.ndarray, seed: int = 0, epoch: int = 1, **block) -> np.ndarray:
    return augmented(images, Augment(**block), seed, "epoch", epoch)


def numbers_of(name: str, rows: int) -> np.ndarray:
    """What a transformation draws for the training rows of epoch 1 of seed 0, from -1 to 1."""
    count = (GEOMETRY | TONES)[name][0]
    return 2 * stream(0, f"augmentation/epoch/{name}", 1).random((rows, count)) - 1


# ---- one transformation after the other


@settings(max_examples=25)
@given(seed=st.integers(0, 2**32), sides=SIDES)
def test_an_affine_map_is_scipys(seed: int, sides: tuple[int, int]) -> None:
    draw = np.random.default_rng(seed)
    images = pictures(3, *sides, seed=seed)
    maps = np.tile(np.eye(3), (3, 1, 1))
    maps[:, :2] += draw.normal(0, 0.7, (3, 2, 3))
    middle = (np.array(sides) - 1) / 2
    for image, own, new in zip(images, maps, warped(images, maps), strict=True):
        offset = middle + own[:2, 2] - own[:2, :2] @ middle
        expected = ndimage.affine_transform(
            image, own[:2, :2], offset, order=1, mode="grid-constant", cval=0.0
        )
        assert new == pytest.approx(expected, abs=2e-5)


def scaled(image: np.ndarray, factor: float) -> np.ndarray:
    middle = (np.array(image.shape) - 1) / 2
    offset = middle - middle / factor
    return ndimage.affine_transform(image, [1 / factor] * 2, offset, order=1, mode="grid-constant")


def cut_out(image: np.ndarray, u: np.ndarray) -> np.ndarray:
    """A crop of the image with a border of 3 pixels."""
    top, left = np.floor(7 * (u + 1) / 2).astype(int)
    return np.pad(image, 3)[top : top + image.shape[0], left : left + image.shape[1]]


LINEAR = {"order": 1, "mode": "grid-constant"}
# What becomes of an image by numbers from -1 to 1.
EXPECTED = [
    ({"rotation": 10.0}, lambda image, u: ndimage.rotate(image, -10 * u[0], reshape=False, **LINEAR)),
    ({"rotation": 180.0}, lambda image, u: ndimage.rotate(image, -180 * u[0], reshape=False, **LINEAR)),
    ({"translation": 0.3}, lambda image, u: ndimage.shift(image, -0.3 * u * image.shape, **LINEAR)),
    ({"scale": 0.4}, lambda image, u: scaled(image, 1 + 0.4 * u[0])),
    ({"flip": "horizontal"}, lambda image, u: np.flip(image, 1) if u[0] < 0 else image),
    ({"flip": "vertical"}, lambda image, u: np.flip(image, 0) if u[0] < 0 else image),
    ({"crop": 3}, cut_out),
    ({"brightness": 0.2}, lambda image, u: np.minimum(image * (1 + 0.2 * u[0]), 1)),
    ({"contrast": 0.5}, lambda image, u: np.clip(image.mean() + (image - image.mean()) * (1 + 0.5 * u[0]), 0, 1)),
]  # fmt: skip


@pytest.mark.parametrize(("block", "expected"), EXPECTED, ids=[str(block) for block, _ in EXPECTED])
def test_each_transformation_is_as_plainly_computed(block: dict, expected) -> None:
    [name], images = block, pictures(60)
    numbers = numbers_of(name, len(images))
    assert numbers.min() < -0.8 < 0.8 < numbers.max()
    for image, u, new in zip(images, numbers, changed(images, **block), strict=True):
        assert new == pytest.approx(expected(image, u), abs=2e-5)


def test_erasing_takes_one_rectangle_of_at_most_the_share() -> None:
    white = np.ones((2000, 20, 30), np.float32)
    found = changed(white, erase=0.3, erase_share=0.25)
    assert set(np.unique(found)) == {0, 1}
    black = found == 0
    share = black.mean(axis=(1, 2))
    assert 0.2 < share.max() <= 0.25
    assert 0.26 < (share > 0).mean() < 0.33  # some are too small to hold a pixel
    for image in black[share > 0][:100]:
        rows, columns = np.flatnonzero(image.any(1)), np.flatnonzero(image.any(0))
        assert image.sum() == len(rows) * len(columns)
        assert image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].all()
    hit = black.any(axis=0)  # anywhere in the image
    assert hit.mean() > 0.98
    assert all(side.any() for side in (hit[0], hit[-1], hit[:, 0], hit[:, -1]))


def test_several_at_once_are_geometry_then_tone() -> None:
    """One after the other, without a second interpolation, and each with the draws it has alone."""
    images = pictures()
    block = {"flip": "vertical", "crop": 2, "brightness": 0.3, "erase": 0.5}
    step = images
    for name in block:
        step = changed(step, **{name: block[name]})
    assert changed(images, **block) == pytest.approx(step, abs=1e-6)


# ---- all of them


@settings(max_examples=40)
@given(augment=AUGMENTS, sides=SIDES, rows=st.integers(0, 12), seed=st.integers(0, 99))
def test_any_augmentation_gives_images(augment, sides, rows: int, seed: int) -> None:
    images = pictures(rows, *sides, seed=seed)
    before = images.copy()
    found = augmented(images, augment, seed, "epoch", 3)
    assert (found.shape, found.dtype) == (images.shape, np.float32)
    assert ((found >= 0) & (found <= 1)).all()  # and no NaN
    assert (images == before).all()
    assert (augmented(images, augment, seed, "epoch", 3) == found).all()
    if not augment.transforms:
        assert (found == images).all()


@settings(max_examples=15)
@given(augment=AUGMENTS, block=st.sampled_from([1, 100, 350]), most=st.integers(0, 20))
def test_neither_blocks_nor_other_rows_change_a_bit(augment, block: int, most: int) -> None:
    images = pictures()
    whole = augmented(images, augment, 4, "epoch", 1)
    assert (augmented(images[:most], augment, 4, "epoch", 1) == whole[:most]).all()
    calls: list[int] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(augmentation, "BLOCK", block)
        again = augmented(images, augment, 4, "epoch", 1, lambda: calls.append(1))
    assert (again == whole).all()
    assert len(calls) == -(-20 // max(1, block // 88))  # after every block


def test_seeds_epochs_and_purposes_draw_differently() -> None:
    augment, images = Augment(translation=0.2), pictures()
    places = [(0, "epoch", 1), (1, "epoch", 1), (0, "epoch", 2), (0, "train", 1), (0, "valid", 1)]
    found = [augmented(images, augment, *place).tobytes() for place in places]
    assert len(set(found)) == len(found)


# ---- mixup


@settings(max_examples=25)
@given(alpha=st.sampled_from([0.1, 1.0, 8.0]), rows=st.integers(1, 30), seed=st.integers(0, 99))
def test_mixed_targets_are_shares_of_two_classes(alpha: float, rows: int, seed: int) -> None:
    classes = np.arange(rows) % 4
    images = np.tile(np.eye(4, dtype=np.float32)[classes][:, None], (1, 3, 1))  # class as stripe
    found, targets = mixed(images, classes, 4, Augment(mixup=alpha), seed, 1)
    assert targets.dtype == found.dtype == np.float32
    assert targets.sum(axis=1) == pytest.approx(np.ones(rows), abs=1e-6)
    assert (targets >= 0).all()
    assert ((targets > 0).sum(axis=1) <= 2).all()
    for row in range(3):  # an image is mixed as its target is
        assert found[:, row] == pytest.approx(targets, abs=1e-6)


def test_shares_follow_the_beta_distribution() -> None:
    rows, alpha = 20_000, 0.4
    images = np.zeros((rows, 1, 1), np.float32)
    _, targets = mixed(images, np.arange(rows) % 2, 2, Augment(mixup=alpha), 0, 1)
    # Of pairs of different classes; for equal ones the share is 1.
    share = targets[(targets.max(axis=1) < 1), 0].astype(float)
    assert share.mean() == pytest.approx(0.5, abs=0.01)
    assert share.var() == pytest.approx(1 / (4 * (2 * alpha + 1)), rel=0.03)


# ---- rows of a data set


def prepared(rows: int = 30, side: int = 6) -> Prepared:
    draw = np.random.default_rng(3)
    order = draw.permutation(rows).astype(np.int32)
    split = FittedSplit(
        train=order[:18], valid=order[18:25], test=order[25:], mean=np.array(0.3),
        scale=np.array(0.2), fill=np.array(0.0), target_mean=0.0, target_scale=1.0,
    )  # fmt: skip
    return Prepared(
        source="made", kind="images", task="classification", feature_names=(), target_name="label",
        classes=("a", "b", "c"), unlabelled_ids=(), edition="generated", note="",
        features=draw.integers(0, 256, (rows, side, side)).astype(np.uint8),
        target=np.arange(rows) % 3, unlabelled=None, splits={0: split},
    )  # fmt: skip


def test_pixels_standardised_are_the_part() -> None:
    data = prepared()
    for part in PARTS:
        pixels = data.pixels(0, part)
        assert ((pixels >= 0) & (pixels <= 1)).all()
        assert data.standardised(pixels, 0) == pytest.approx(data.part(0, part)[0], abs=1e-5)
    with pytest.raises(LabbookError, match="has no images"):
        replace(data, kind="table").pixels(0, "train")


def test_a_run_sees_each_epoch_its_own_images_and_validation_rows_as_they_are() -> None:
    data, augment = prepared(), Augment(rotation=10.0, brightness=0.2)
    plain, run = (run_of(data, recipe(augment=block)) for block in (None, augment))
    for part in PARTS:
        for array, other in zip(plain.part(part), run.part(part), strict=True):
            assert (array == other).all()
    x, y = run.augmented(5)
    assert x.shape == run.part("train")[0].shape
    assert (y == run.part("train")[1]).all()
    pixels = augmented(data.pixels(0, "train"), augment, 0, "epoch", 5)
    assert x == pytest.approx(((pixels - 0.3) / 0.2)[:, None], abs=1e-5)
    assert not (run.augmented(6)[0] == x).all()


def test_mixing_comes_after_the_other_changes() -> None:
    block = Augment(flip="vertical", mixup=1.0)
    run = run_of(prepared(), recipe(augment=block))
    x, y = run.augmented(2)
    flipped, _ = run_of(prepared(), recipe(augment=Augment(flip="vertical"))).augmented(2)
    pixels = flipped[:, 0] * 0.2 + 0.3
    again, shares = mixed(pixels, run.part("train")[1], 3, block, 0, 2)
    assert y.shape == (18, 3)
    assert (y == shares).all()
    assert x[:, 0] * 0.2 + 0.3 == pytest.approx(again, abs=1e-5)


def test_copies_are_the_first_rows_too() -> None:
    data, block = prepared(), Augment(crop=1, erase=0.5, test_copies=4)
    whole = list(copies(data, 0, "valid", block))
    assert len(whole) == len({copy.tobytes() for copy in whole}) == 4
    for copy, first in zip(whole, copies(data, 0, "valid", block, 3), strict=True):
        assert (copy[:3] == first).all()


@given(st.integers(1, 5), st.integers(0, 99))
def test_the_mean_of_probabilities(count: int, seed: int) -> None:
    draw = np.random.default_rng(seed)
    p = draw.dirichlet(np.ones(4), (count, 6))
    assert np.exp(averaged(np.log(p).astype(np.float32))) == pytest.approx(p.mean(axis=0), rel=1e-5)
    tiny = np.full((count, 2, 2), -1e4, np.float32)  # no power of e that a float could hold
    assert averaged(tiny) == pytest.approx(tiny[0])


# ---- the block


def test_what_changes_nothing_is_no_part_of_the_settings() -> None:
    plain = Training(batch=8, epochs=2)
    idle = Training(batch=8, epochs=2, augment=Augment(rotation=0.0, erase=0.5, erase_share=0.0))
    assert plain.augments is idle.augments is None
    assert "augment" not in plain.model_dump(mode="json")
    assert idle.model_dump(mode="json") == plain.model_dump(mode="json")
    some = Training(batch=8, epochs=2, augment=Augment(rotation=5.0))
    assert some.model_dump(mode="json")["augment"]["rotation"] == 5
    assert Training.model_validate(some.model_dump(mode="json")) == some
    # A study may complete what its recipe has begun.
    begun = Training(batch=8, epochs=2, augment=Augment(erase_share=0.1))
    assert begun.model_dump(exclude_unset=True)["augment"] == {"erase_share": 0.1}
    for block in ({"test_copies": 3}, {"test_copies": 3, "mixup": 0.2}):
        with pytest.raises(ValidationError, match="would be equal copies"):
            Augment(**block)


def test_every_transformation_has_a_setting_and_the_reverse() -> None:
    settings = set(Augment.model_fields) - {"erase_share", "mixup", "test_copies"}
    assert set(GEOMETRY) | set(TONES) == settings
    for name in settings:
        value = {"flip": "vertical", "crop": 2}.get(name, 0.5)
        assert Augment(**{name: value}).transforms
        assert not (changed(pictures(), **{name: value}) == pictures()).all()
