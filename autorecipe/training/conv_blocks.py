"""What the networks for images are built of: convolve, normalize, activate, pool, skip, and the way to the outputs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import keras

from autorecipe.errors import UserError
from autorecipe.families.images import FRACTIONAL_RATIO, stem_kernel, stem_stride
from autorecipe.layers.fractional_max_pooling import FractionalMaxPooling2D
from autorecipe.layers.stochastic_depth import StochasticDepth
from autorecipe.layers.variable_dropout import VariableDropout
from autorecipe.recipe import Recipe
from autorecipe.training.augmentation import mix_maps
from autorecipe.training.blocks import activate, first_kernel, n_pieces, normalize
from autorecipe.training.shape import Shape
from autorecipe.training.trunks.plain import head


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ConvBlocks:
    """The layers of one network as its recipe asks for them; each that begins at random takes the next seed.

    Images are tensors (batch, height, width, channels).
    """

    recipe: Recipe
    seeds: Iterator[int]

    def conv(self, x: Any, channels: int, name: str, *, kernel: int = 3, stride: int = 1, dilation: int = 1) -> Any:
        """Return a convolution with padding; it has a bias where no normalization brings one."""
        return keras.layers.Conv2D(
            channels,
            kernel,
            strides=stride,
            dilation_rate=dilation,
            padding="same",
            use_bias=self.recipe.normalization == "none",
            kernel_initializer=first_kernel(self.recipe, self.seeds),
            name=f"conv_{name}",
        )(x)

    def depthwise(self, x: Any, name: str, *, stride: int = 1) -> Any:
        """Return a 3 x 3 convolution of each channel by itself."""
        # nine numbers meet in a unit: `fan_out` is what Keras calls the nine of a depthwise kernel
        start = keras.initializers.VarianceScaling(2.0, "fan_out", "truncated_normal", seed=next(self.seeds))
        return keras.layers.DepthwiseConv2D(
            3,
            strides=stride,
            padding="same",
            use_bias=self.recipe.normalization == "none",
            depthwise_initializer=start,
            name=f"depthwise_{name}",
        )(x)

    def normalize(self, x: Any, name: str) -> Any:
        """Return the recipe's normalization of the channels.

        Raises
        ------
        UserError
            When it is weight normalization, which dense layers alone have here.
        """
        if self.recipe.normalization == "weight":
            raise UserError(
                "weight normalization is for dense layers; a convolutional net has none of it",
                where="field normalization",
                fix="set normalization to batch, group, layer, rms or none",
            )
        return normalize(x, self.recipe, f"normalize_{name}")

    def activate(self, x: Any, name: str) -> Any:
        """Return the recipe's activation."""
        return activate(x, self.recipe, f"activation_{name}")

    def unit(self, x: Any, channels: int, name: str, *, kernel: int = 3, stride: int = 1, dilation: int = 1) -> Any:
        """Return a convolution, normalized and activated."""
        wide = channels * n_pieces(self.recipe)
        x = self.conv(x, wide, name, kernel=kernel, stride=stride, dilation=dilation)
        return self.activate(self.normalize(x, name), name)

    def stem(self, x: Any, channels: int, name: str) -> Any:
        """Return the first unit, which moves by more than a pixel on large images."""
        image = tuple(x.shape[1:])
        x = self.unit(x, channels, name, kernel=stem_kernel(image), stride=stem_stride(image))
        return mix_maps(x, self.recipe, f"mix_{name}")

    def pool(self, x: Any, name: str) -> Any:
        """Return the image at about half its sides, as the recipe pools; a side of one pixel stays."""
        pooling, x = self.recipe.pooling, mix_maps(x, self.recipe, f"mix_before_{name}")
        if pooling == "fractional":
            return FractionalMaxPooling2D(FRACTIONAL_RATIO, seed=next(self.seeds), name=f"pool_{name}")(x)
        kinds = {"max": keras.layers.MaxPooling2D, "average": keras.layers.AveragePooling2D}
        return kinds[pooling](2, padding="same", name=f"pool_{name}")(x)

    def around(self, x: Any, branch: Any, *, block: int, n_blocks: int) -> Any:
        """Return the sum of a block's branch and the way around it; rows skip later blocks more often."""
        if self.recipe.stochastic_depth:
            share = block / n_blocks
            branch = StochasticDepth(
                share * self.recipe.stochastic_depth,
                share_of_rate=share,
                seed=next(self.seeds),
                name=f"stochastic_depth_{block}",
            )(branch)
        return keras.layers.Add(name=f"add_{block}")([x, branch])

    def outputs(self, x: Any, shape: Shape) -> Any:
        """Return the outputs: the largest value of each channel, dropout, and a linear head.

        The largest values learn faster than the usual means. Measured on 8,000 images of Fashion-MNIST, the small
        convnet at a rate of 0.01 for 6 epochs, one seed: accuracy 0.882 and log loss 0.325, by means 0.852 and 0.396.
        """
        x = mix_maps(x, self.recipe, "mix_out")
        return head(self.dropped(keras.layers.GlobalMaxPooling2D(name="most_of_places")(x)), shape, self.seeds)

    def dropped(self, x: Any) -> Any:
        """Return units behind the recipe's dropout."""
        if not self.recipe.dropout:
            return x
        return VariableDropout(self.recipe.dropout, seed=next(self.seeds), name="dropout")(x)
