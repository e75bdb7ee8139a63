"""The block `model`: what is trained."""

from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, model_validator

from labbook.params import limits
from labbook.params.base import Block, Rate

Activation = Literal["relu", "leaky_relu", "silu", "tanh", "sigmoid", "gelu", "elu"]
Initialisation = Literal["default", "he", "xavier", "zero"]
Width = Annotated[int, Field(ge=1, le=limits.WIDTH, strict=True)]
Dropout = Rate | Annotated[list[Rate], Field(min_length=1)]


class Mlp(Block):
    """Fully connected layers: linear, (batch norm), activation, (dropout), and so on."""

    kind: Literal["mlp"] = "mlp"
    hidden: Annotated[list[Width], Field(min_length=1, max_length=limits.LAYERS)] = Field(
        description="Width of each hidden layer."
    )
    activation: Activation = Field("relu", description="After each hidden layer.")
    batch_norm: bool = Field(False, description="Batch norm between linear layer and activation.")
    dropout: Dropout = Field(
        0.0, description="Share of units dropped in training: one for all hidden layers, or a list."
    )
    initialisation: Initialisation = Field(
        "default", description="Of the weights; `default` is that of torch.nn.Linear."
    )

    def least_weights(self, columns: int) -> int:
        """Weights without biases, if `columns` go in and one number comes out."""
        return sum(a * b for a, b in pairwise([columns, *self.hidden, 1]))

    @model_validator(mode="after")
    def _dropout_per_layer(self) -> "Mlp":
        if isinstance(self.dropout, list) and len(self.dropout) != len(self.hidden):
            raise ValueError(
                f"dropout lists {len(self.dropout)} rates for {len(self.hidden)} hidden layers"
            )
        return self


class Cnn(Block):
    """Blocks of convolution, (batch norm), activation, pooling; then a fully connected part."""

    kind: Literal["cnn"] = "cnn"
    channels: Annotated[list[Width], Field(min_length=1, max_length=limits.LAYERS)] = Field(
        description="Channels of each convolution block."
    )
    kernel: Annotated[int, Field(ge=1, le=31, strict=True)] = Field(
        3, description="Side of the kernels, odd; padding keeps the image's size."
    )
    pooling: Literal["max", "average", "none"] = Field(
        "max", description="2 x 2, after each block."
    )
    hidden: Annotated[list[Width], Field(max_length=limits.LAYERS)] = Field(
        default=[64], description="Widths of the fully connected part."
    )
    activation: Activation = Field("relu", description="After each block and hidden layer.")
    batch_norm: bool = Field(False, description="Per channel, before the activation.")
    dropout: Rate = Field(0.0, description="In the fully connected part.")
    initialisation: Initialisation = Field("default", description="Of the weights.")

    def least_weights(self, columns: int) -> int:
        """Weights without biases, if one number comes out; pixels are not known here."""
        convolutions = (a * b for a, b in pairwise([1, *self.channels]))
        connected = (a * b for a, b in pairwise([self.channels[-1], *self.hidden, 1]))
        return self.kernel**2 * sum(convolutions) + sum(connected)

    @model_validator(mode="after")
    def _odd(self) -> "Cnn":
        if self.kernel % 2 == 0:
            raise ValueError(
                f"kernel {self.kernel} is even; only odd kernels keep the image's size"
            )
        return self


class Linear(Block):
    """A linear (or softmax) regression, trained like the others: a plain reference."""

    kind: Literal["linear"] = "linear"
    initialisation: Initialisation = Field("default", description="Of the weights.")

    def least_weights(self, columns: int) -> int:
        """Weights without biases, if one number comes out."""
        return columns


class Polynomial(Block):
    """A polynomial in each feature, no products of features: a plain reference."""

    kind: Literal["polynomial"] = "polynomial"
    degree: Annotated[int, Field(ge=1, le=30, strict=True)] = Field(description="Highest power.")
    initialisation: Initialisation = Field("zero", description="Of the coefficients.")

    def least_weights(self, columns: int) -> int:
        """Coefficients without the constant, if one number comes out."""
        return columns * self.degree


Model = Annotated[Mlp | Cnn | Linear | Polynomial, Field(discriminator="kind")]
