"""The block `training.augment`: how images are changed at random while a network trains."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from labbook.params import limits
from labbook.params.base import Block, NotNegative, Rate

Degrees = Annotated[float, Field(ge=0, le=180, strict=True)]
Share = Annotated[float, Field(ge=0, le=1, strict=True)]
Pixels = Annotated[int, Field(ge=0, le=limits.PIXELS, strict=True)]
Copies = Annotated[int, Field(ge=0, le=limits.COPIES, strict=True)]


class Augment(Block):
    """Random changes of the training images, each epoch anew; 0, or left out, is off.

    Brightness runs from 0 (black) to 1; what comes in from outside an image is black. Validation
    and test rows stay as they are, but for `test_copies`.
    """

    rotation: Degrees = Field(0.0, description="Turned by up to so many degrees, either way.")
    translation: Share = Field(
        0.0, description="Moved by up to this share of each side, either way."
    )
    scale: Rate = Field(0.0, description="Larger or smaller by up to this share.")
    flip: Literal["horizontal", "vertical"] | None = Field(
        None, description="Half of the images mirrored: `horizontal` swaps left and right."
    )
    crop: Pixels = Field(
        0, description="Cut out at random from the image with a black border of so many pixels."
    )
    contrast: Share = Field(
        0.0, description="Distances from the mean brightness larger or smaller by up to this share."
    )
    brightness: Share = Field(0.0, description="Brighter or darker by up to this share.")
    erase: Share = Field(0.0, description="Probability that a rectangle of an image turns black.")
    erase_share: Share = Field(0.2, description="Its largest share of the image's area.")
    mixup: NotNegative = Field(
        0.0,
        description="Images and their classes are mixed in pairs, with shares drawn from "
        "Beta(mixup, mixup).",
    )
    test_copies: Copies = Field(
        0,
        description="Predictions are the mean probabilities over so many copies of each row, "
        "changed at random as in training, but not mixed.",
    )

    @property
    def transforms(self) -> bool:
        """Whether an image by itself is changed."""
        erases = self.erase > 0 and self.erase_share > 0
        return erases or any(
            (
                self.rotation, self.translation, self.scale, self.flip, self.crop,
                self.contrast, self.brightness,
            )
        )  # fmt: skip

    @property
    def active(self) -> bool:
        """Whether anything is changed at all."""
        return self.transforms or self.mixup > 0

    @model_validator(mode="after")
    def _copies_differ(self) -> "Augment":
        if self.test_copies and not self.transforms:
            raise ValueError(
                f"test_copies ({self.test_copies}) would be equal copies: nothing changes an "
                "image; set rotation, translation, flip or another change, or leave test_copies out"
            )
        return self
