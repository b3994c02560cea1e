"""Test-time augmentation: a network whose outputs are the mean over views of each image."""

from __future__ import annotations

import keras

from autorecipe.choices import TestTimeAugmentation
from autorecipe.layers.image_views import WEIGHTS, ImageViews
from autorecipe.layers.mean_of_views import MeanOfViews


def with_views(network: keras.Model, views: TestTimeAugmentation) -> keras.Model:
    """Return a model of the same inputs whose logits are the weighted mean of the network's for each view.

    The network is one layer of it, called once for all views; for "none" it is returned as it is.

    Parameters
    ----------
    network : keras.Model
        Pixels (batch, height, width, channels) in, logits or standardized predictions (batch, n_outputs) out.
    """
    if views == "none":
        return network
    (pixels,) = network.inputs
    given = keras.Input(pixels.shape[1:], dtype=pixels.dtype, name=pixels.name)
    seen = ImageViews(views, name="views")(given)
    outputs = MeanOfViews(WEIGHTS[views], dtype="float32", name="mean_of_views")(network({pixels.name: seen}))
    return keras.Model({pixels.name: given}, outputs, name=f"{network.name}_on_views")
