"""The papers that travel with an exported model of images: its signature, a ready request, and how to call it."""

from __future__ import annotations

import base64
import json

import numpy as np
from numpy.typing import NDArray

from autorecipe.data.schema import Schema
from autorecipe.export.documents import answers, interval_text
from autorecipe.preprocessing.image_spec import INPUT_NAME, Fit, ImageSpec, PixelScale
from autorecipe.record.evaluation import Intervals
from autorecipe.row_words import said_of

FORMATS = ("JPEG", "PNG", "BMP", "GIF", "WebP")  # what TensorFlow's decoder reads
WHITE = 255
_FITTED: dict[Fit, str] = {
    "stretch": "stretched to",
    "crop": "cut at the middle of the longer side and brought to",
    "pad": "padded with black to the shape of",
}


def image_signature(spec: ImageSpec, schema: Schema, *, intervals: Intervals | None = None) -> dict[str, object]:
    """Return what goes in and comes out.

    Returns
    -------
    dict
        "inputs": the column of the images with its "name" in the SavedModel, its "dtype" and the "formats" of files
        that it takes; "signatures": for each name what it takes, -1 for any size; "size" (height, width, channels)
        and "fit" of what the networks see; "outputs", "classes" and "half_widths" as those of tables.
    """
    column = schema.features[0].name
    files = {"name": INPUT_NAME, "dtype": "string", "shape": [-1]}
    pixels = {"name": "pixels", "dtype": "uint8", "shape": [-1, -1, -1, -1]}
    return {
        "target": schema.target,
        "task": schema.task,
        "inputs": {column: {"name": INPUT_NAME, "dtype": "string", "formats": list(FORMATS)}},
        "signatures": {"serving_default": files, "serving_bytes": files, "serving_pixels": pixels},
        "size": list(spec.shape),
        "fit": spec.fit,
        **answers(schema, intervals=intervals),
    }


def image_request(files: NDArray[np.generic]) -> dict[str, object]:
    """Return a request in TensorFlow Serving's row format, the files' bytes as base64."""
    instances = [{INPUT_NAME: {"b64": base64.b64encode(file).decode("ascii")}} for file in files.tolist()]
    return {"signature_name": "serving_default", "instances": instances}


def image_readme(
    spec: ImageSpec, schema: Schema, *, intervals: Intervals | None = None, scale: PixelScale | None = None
) -> str:
    """Return the README of an export, as Markdown.

    Parameters
    ----------
    scale : PixelScale, optional
        How the arrays that were learned from became pixels.
    """
    classes = f" Classes, in order: {json.dumps(list(schema.classes), ensure_ascii=False)}." if schema.classes else ""
    colours = "grey" if spec.channels == 1 else "RGB"
    return _README.format(
        target=schema.target.strip(),
        outputs="`prediction`" if schema.task == "regression" else "`probabilities` and `label`",
        classes=classes,
        formats=", ".join(FORMATS[:-1]) + f" or {FORMATS[-1]}",
        fitted=f"{_FITTED[spec.fit]} {spec.width} x {spec.height} pixels ({colours})",
        files=FILES_CALL,
        pixels=PIXELS_CALL,
        values=_values_text(scale),
        intervals=said_of("image", interval_text(intervals)),
    )


def _values_text(scale: PixelScale | None) -> str:
    """Say which numbers stand for pixels, and how the arrays that were learned from become such numbers."""
    made = "value // 256" if scale and scale.top > WHITE else "times 255" if scale and scale.top == 1 else ""
    made = "rounded" if scale and not made and scale.kind == "float" else made
    return f"from 0 to {WHITE}" + (f" (the arrays that were learned from: {made})" if made else "")


FILES_CALL = """\
import base64, json
import tensorflow as tf

model = tf.saved_model.load("saved_model/1")
rows = json.load(open("request.json", encoding="utf-8"))["instances"]
files = [base64.b64decode(row["image"]["b64"]) for row in rows]  # or open("photo.jpg", "rb").read()
for name, value in model.signatures["serving_default"](image=tf.constant(files)).items():
    print(name, value.numpy())
"""

PIXELS_CALL = """\
import numpy as np
import tensorflow as tf

model = tf.saved_model.load("saved_model/1")
images = np.zeros((2, 480, 640, 3), "uint8")  # from a camera or another decoder; grey ones end with 1
for name, value in model.signatures["serving_pixels"](pixels=tf.constant(images)).items():
    print(name, value.numpy())
"""

_README = """\
# A model that predicts `{target}` of images

It takes image files as they are: decoding, turning as EXIF says, colours, size and scale are dealt with inside the
model, where every image is {fitted}. Answers: {outputs}.{classes}

| file | what it is | needs AutoRecipe installed |
|---|---|---|
| `saved_model/1/` | a TensorFlow SavedModel, for TensorFlow Serving or `tf.saved_model.load` | no |
| `model.keras` | the same model, for `keras.models.load_model` | yes |
| `signature.json` | the inputs' names, dtypes and shapes; the outputs and classes | no |
| `request.json` | a ready request: a few of the run's images, large ones as small copies | no |

| signature | input | takes |
|---|---|---|
| `serving_default`, `serving_bytes` | `image`, string (batch,) | the bytes of {formats} files |
| `serving_pixels` | `pixels`, uint8 (batch, height, width, 1 to 4 channels) | decoded images, alike in size, {values} |
{intervals}
## TensorFlow Serving

```bash
docker run --rm -p 8501:8501 -e MODEL_NAME=autorecipe \\
  -v "$PWD/saved_model:/models/autorecipe" tensorflow/serving
curl -d @request.json http://localhost:8501/v1/models/autorecipe:predict
```

A file of your own travels as base64:

```bash
(printf '{{"instances": [{{"image": {{"b64": "'; base64 < photo.jpg | tr -d '\\n'; printf '"}}}}]}}') |
  curl -d @- http://localhost:8501/v1/models/autorecipe:predict
```

One file that cannot be read fails its whole call with `InvalidArgumentError`: none of its other files is answered. Send
files of unknown origin one by one, or open them before.

Decoded images travel as nested lists, `{{"signature_name": "serving_pixels", "instances": [[[[255, 0, 0], ...]]]}}`,
and faster through gRPC as a tensor.

## Python, with TensorFlow alone: files

Run in this folder:

```python
{files}```

## Python, with TensorFlow alone: pixels

```python
{pixels}```

## Python, with AutoRecipe

```python
import autorecipe.export.serving_images, autorecipe.layers  # registers the layers
import keras

model = keras.models.load_model("model.keras")
```
"""
