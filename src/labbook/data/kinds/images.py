"""From IDX files, folders of pictures and tables of pixels to images and their classes."""

from pathlib import Path

import numpy as np

from labbook.data.idx import ANEW, parse_idx
from labbook.data.kinds.kind import Kind
from labbook.data.numbers import Numbers
from labbook.data.own_files import Opened, is_idx, members, opened, opener
from labbook.data.pictures import Part, read_pictures
from labbook.data.pixels import read_pixels
from labbook.data.reading.names import some
from labbook.data.target import all_numbers
from labbook.errors import LabbookError
from labbook.params.images import TABLES, Images

MOST_BYTES = 50_000_000  # of images that are read only to be checked


def read_images(dataset: Images, raw: Path | None) -> Numbers:
    """Read the images in the folder `raw`, or the user's own; a fixed test set comes last.

    Raises `LabbookError` where they are no such images, differ in size, or have classes that
    nothing can be trained on.
    """
    fixed = [role for role in ("valid", "test") if getattr(dataset.split, role) == "fixed"]
    parts = [_part(dataset, raw, role) for role in ("path", *fixed)]
    if dataset.path is not None:
        _refuse_other_sizes(dataset, fixed, parts)
        _refuse_classes(dataset, parts)
    target, classes = _numbered(np.concatenate([labels for _, labels in parts]))
    sizes = dict(zip(fixed, (len(labels) for _, labels in parts[1:]), strict=True))
    return Numbers(
        "images", "classification", np.concatenate([images for images, _ in parts]), target,
        dataset.target or "label", (), classes, (), fixed=sizes.get("test", 0),
        fixed_valid=sizes.get("valid", 0), table=dataset.path or "",
    )  # fmt: skip


def _part(dataset: Images, raw: Path | None, role: str) -> Part:
    """Images and classes of what `path`, `valid` or `test` names; of downloads the IDX files."""
    if dataset.path is None:
        folder = Path(str(raw))
        files: Opened = {path.name: opener(path) for path in sorted(folder.iterdir())}
        return _pair(files, "t10k" if role == "test" else "train", str(folder), ANEW)
    setting = role if getattr(dataset, role) else "path"
    source = str(getattr(dataset, setting))
    place = Path(source) if raw is None else raw / dataset.raw_name(setting)
    if place.suffix in TABLES and setting == role:
        return read_pixels(place, source, dataset)
    if place.suffix not in TABLES:
        with opened(place) as files:
            if any(map(is_idx, files)):
                of_test = any(name.startswith("t10k") for name in files)
                begin = "t10k" if role == "test" and (of_test or setting != role) else "train"
                return _pair(files, begin, source, "Mend the file, or get it anew.")
            if setting == role:
                return read_pictures(files, source)
    raise LabbookError(
        f"{source}: has no test images of its own. Name them by `test`, or give split.test a share "
        "such as 0.2."
    )


def _pair(files: Opened, begin: str, source: str, remedy: str) -> Part:
    """Images (rows, height, width) and labels (rows,) of the files whose names begin so."""
    arrays = {}
    for kind, dimensions in (("images", 3), ("labels", 1)):
        names = [name for name in files if name.startswith(begin) and kind in name]
        if len(names) != 1:
            raise LabbookError(
                f"{source}: has {len(names)} files named {begin}...{kind}... where one is needed. "
                "Name the files of images as MNIST does: train-images-..., train-labels-..., "
                "t10k-images-..., t10k-labels-..."
            )
        arrays[kind] = parse_idx(files[names[0]], dimensions, f"{source}/{names[0]}", remedy)
    images, labels = arrays["images"], arrays["labels"]
    if len(images) != len(labels):
        raise LabbookError(f"{source}: {len(images)} {begin} images, but {len(labels)} labels.")
    return images, labels.astype(str)


def _numbered(labels: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    """Numbers of the classes (rows,), and their names in order: as numbers if all of them are."""
    names, numbers = np.unique(labels, return_inverse=True)
    order = np.arange(len(names))
    if all_numbers(names.tolist()):
        order = np.argsort(names.astype(float), kind="stable")
    return np.argsort(order)[numbers].astype(np.int64), tuple(names[order].tolist())


def _refuse_other_sizes(dataset: Images, fixed: list[str], parts: list[Part]) -> None:
    shapes = [images.shape[1:] for images, _ in parts]
    for role, shape in zip(fixed, shapes[1:], strict=True):
        if shape != shapes[0]:
            first, second = (" x ".join(map(str, size)) for size in (shapes[0], shape))
            raise LabbookError(
                f"{dataset.path}: its images are {first} pixels, those of `{role}` {second}. All "
                "must have one size: resize them."
            )


def _refuse_classes(dataset: Images, parts: list[Part]) -> None:
    """Classes that cannot be learned."""
    (images, labels), *fixed = parts
    known = set(labels.tolist())
    if not len(images) or len(known) < 2:
        raise LabbookError(
            f"{dataset.path}: has {len(images):,} images of {len(known)} class(es), "
            f"{', '.join(sorted(known))}: at least two classes are needed."
        )
    if strange := sorted({label for _, part in fixed for label in part.tolist()} - known):
        raise LabbookError(
            f"{dataset.path}: no image to train on has the class {some(strange)}, which fixed "
            f"images have. The classes are {some(sorted(known))}: name the same ones alike, or "
            "remove the others."
        )


def preview_images(dataset: Images) -> tuple[Numbers | None, list[str]]:
    """The user's own images, if they are read quickly."""
    if dataset.path is None:
        return None, []
    if sum(map(_bytes, dataset.own_files.values())) > MOST_BYTES:
        return None, ["many images, to be read when they are prepared."]
    return read_images(dataset, None), []


def _bytes(path: str) -> int:
    files = members(Path(path)).values() if Path(path).is_dir() else [Path(path)]
    return sum(file.stat().st_size for file in files)


KIND = Kind(read_images, preview_images)
