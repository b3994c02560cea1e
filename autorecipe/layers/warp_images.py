"""Look at images through affine maps, one for each image."""

from __future__ import annotations

from typing import Any, Literal

from keras import ops

Fill = Literal["reflect", "constant"]


def warp_images(images: Any, linear: Any, shift: Any, *, fill: Fill = "reflect") -> Any:
    """Return what lies at linear @ (place - centre) + centre + shift, for every place, between pixels bilinearly.

    Where the map is whole pixels, as for shifts and mirror images, pixels stay what they are.

    Parameters
    ----------
    images : tensor of shape (batch, height, width, channels), float32
    linear : tensor of shape (batch, 4)
        xx, xy, yx, yy of the matrix.
    shift : tensor of shape (batch, 2)
        To the right and down, in pixels.
    fill : str
        Beyond the border: the image mirrored at it, or 0.

    Returns
    -------
    tensor of the images' shape
    """
    height, width = images.shape[1:3]
    x, y = (width - 1) / 2, (height - 1) / 2
    xx, xy, yx, yy = ops.unstack(linear, 4, axis=1)
    right, down = ops.unstack(shift, 2, axis=1)
    none = ops.zeros_like(xx)
    maps = [xx, xy, x - xx * x - xy * y + right, yx, yy, y - yx * x - yy * y + down, none, none]
    return ops.image.affine_transform(
        images,
        ops.stack(maps, axis=1),
        interpolation="bilinear",
        fill_mode=fill,
        fill_value=0.0,
        data_format="channels_last",
    )


def turned_and_slanted(angle: Any, slant: Any, width: Any, height: Any) -> Any:
    """Return the matrices that stretch, then slant, then turn, as `warp_images` takes them.

    Parameters
    ----------
    angle : tensor of shape (batch,)
        In radians.
    slant : tensor of shape (batch,)
        Pixels to the right for each pixel down.
    width, height : tensor of shape (batch,)
        Factors of both axes; negative ones mirror.

    Returns
    -------
    tensor of shape (batch, 4)
    """
    cos, sin = ops.cos(angle), ops.sin(angle)
    return ops.stack(
        [cos * width, (cos * slant - sin) * height, sin * width, (sin * slant + cos) * height],
        axis=1,
    )
