"""The blocks `optimizer`, `schedule` and `training`: how a model is fitted."""

from typing import Annotated, Any, Literal

from pydantic import (
    Field,
    SerializationInfo,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from labbook.params.augment import Augment
from labbook.params.base import LATER, Block, Count, Epochs, Fraction, NotNegative, Positive, Rate


class _Optimizer(Block):
    rate: Positive = Field(description="Learning rate at the start.")
    weight_decay: NotNegative = Field(
        0.0, description="Times the weight, added to its gradient (AdamW: apart from it)."
    )


class Sgd(_Optimizer):
    """Stochastic gradient descent."""

    kind: Literal["sgd"] = "sgd"


class Momentum(_Optimizer):
    """Gradient descent with momentum: v = momentum v + g; w -= rate v."""

    kind: Literal["momentum"] = "momentum"
    momentum: Rate = Field(0.9, description="How much of the last step is kept.")


class Nesterov(_Optimizer):
    """Momentum with Nesterov's look ahead."""

    kind: Literal["nesterov"] = "nesterov"
    momentum: Fraction = Field(0.9, description="How much of the last step is kept.")


class Adagrad(_Optimizer):
    """Adagrad: the rate of each weight shrinks with the sum of its squared gradients."""

    kind: Literal["adagrad"] = "adagrad"
    epsilon: Positive = Field(1e-10, description="Keeps the division finite.")


class RMSProp(_Optimizer):
    """RMSProp: like Adagrad, with a moving mean in place of the sum."""

    kind: Literal["rmsprop"] = "rmsprop"
    alpha: Rate = Field(0.99, description="Memory of the mean of squared gradients.")
    momentum: Rate = Field(0.0, description="How much of the last step is kept.")
    epsilon: Positive = Field(1e-8, description="Keeps the division finite.")


class Adam(_Optimizer):
    """Adam with bias correction; weight decay joins the gradient."""

    kind: Literal["adam"] = "adam"
    beta1: Rate = Field(0.9, description="Memory of the mean gradient.")
    beta2: Rate = Field(0.999, description="Memory of the mean squared gradient.")
    epsilon: Positive = Field(1e-8, description="Keeps the division finite.")


class AdamW(Adam):
    """Adam with weight decay apart from the gradient."""

    kind: Literal["adamw"] = "adamw"  # type: ignore[assignment]


Optimizer = Annotated[
    Sgd | Momentum | Nesterov | Adagrad | RMSProp | Adam | AdamW, Field(discriminator="kind")
]


class Constant(Block):
    """The learning rate stays as it is."""

    kind: Literal["constant"] = "constant"


class Step(Block):
    """The rate is multiplied by `factor` after every `every` epochs."""

    kind: Literal["step"] = "step"
    every: Epochs = Field(description="Epochs between two steps.")
    factor: Fraction = Field(0.1, description="Per step.")


class Plateau(Block):
    """The rate is multiplied by `factor` when the validation loss has not fallen for `patience`."""

    kind: Literal["plateau"] = "plateau"
    patience: Epochs = Field(10, description="Epochs without improvement before a step.")
    factor: Fraction = Field(0.1, description="Per step.")
    minimum: NotNegative = Field(0.0, description="The rate never falls below this.")


class Cosine(Block):
    """Cosine annealing with warm restarts (Loshchilov and Hutter 2017)."""

    kind: Literal["cosine"] = "cosine"
    first: Epochs = Field(description="Epochs up to the first restart (T_0).")
    multiply: Epochs = Field(1, description="Each period is this many times the last (T_mult).")
    minimum: NotNegative = Field(0.0, description="Rate at the end of a period (eta_min).")


Schedule = Annotated[Constant | Step | Plateau | Cosine, Field(discriminator="kind")]


Redrawn = Literal["all", "initialisation", "batch order", "dropout", "augmentation"]


class Training(Block):
    """How long and on what a run trains.

    The model kept is the best by validation loss, also of a run that diverges later.
    """

    batch: Count | Literal["all"] = Field(description="Rows per step; `all`: the full batch.")
    epochs: Epochs = Field(description="Budget: no run trains longer.")
    patience: Epochs | None = Field(
        None, description="Stop after this many epochs without a better validation loss."
    )
    tolerance: Positive | None = Field(
        None, description="Converged when the epoch's training loss falls below this."
    )
    loss: Literal["mse", "cross_entropy"] | None = Field(
        None, description="Left out: mse for quantities, cross_entropy for classes."
    )
    class_weights: Literal["balanced"] | None = Field(
        None,
        description="`balanced`: in the training loss each row counts by rows / (classes * rows of "
        "its class), so that a rare class counts as much as a frequent one. Not in the validation "
        "loss.",
    )
    stalled: Epochs | None = Field(
        None,
        description="End as stalled when the best training loss has fallen by less than a "
        "thousandth (relative) in this many epochs.",
    )
    clip: Positive | None = Field(None, description="Largest norm of the gradient.")
    gradient_norms: Annotated[bool, Field(strict=True)] = Field(
        False,
        description="Keep of each layer and epoch the Euclidean norm of the gradient of its "
        "weights and biases: before clipping, the mean over the epoch's steps.",
    )
    augment: Augment | None = Field(
        None, description="Random changes of the training images, each epoch anew."
    )
    redraw: Annotated[Redrawn | None, LATER] = Field(
        None,
        description="What chance decides anew in training, while all else stays as the seed has "
        "it: `initialisation`, `batch order`, `dropout`, `augmentation`, or `all` of these. The "
        "split is always the seed's. To ask where chance comes from.",
    )
    shuffled_target: Annotated[bool, LATER, Field(strict=True)] = Field(
        False,
        description="The target's values are dealt out anew among the rows, before anything is "
        "fitted: nothing can be learnt then. labbook's own control, see `controls`.",
    )
    tiny: Annotated[Count | None, LATER] = Field(
        None,
        description="Train on so many of the training rows alone, of classes so many of each, and "
        "validate on the same: they can be learnt by heart. A step of labbook's own, see `tune`.",
    )

    @property
    def augments(self) -> Augment | None:
        """The augmentation if there is one that does anything."""
        return self.augment if self.augment is not None and self.augment.active else None

    @model_serializer(mode="wrap")
    def _without_idle(
        self, handler: SerializerFunctionWrapHandler, info: SerializationInfo
    ) -> dict[str, Any]:
        """What changes nothing is no part of a run's identity.

        With `exclude_unset` it stays: a study may complete what its recipe has begun.
        """
        settings: dict[str, Any] = handler(self)
        if info.exclude_unset:
            return settings
        if self.augments is None:
            settings.pop("augment", None)
        for name in ("shuffled_target", "tiny"):
            if not getattr(self, name):  # runs have their ids from when there was no such setting
                settings.pop(name, None)
        return settings

    @model_validator(mode="after")
    def _patience_within_epochs(self) -> "Training":
        for name in ("patience", "stalled"):
            value = getattr(self, name)
            if value is not None and value >= self.epochs:
                raise ValueError(
                    f"{name} ({value}) must be below epochs ({self.epochs}); "
                    "leave it out to train for the whole budget"
                )
        return self
