"""The papers that travel with an export: its signature, a ready request, and how to call it."""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from autorecipe.data.schema import Schema
from autorecipe.intervals import SHOWN, by_coverage
from autorecipe.preprocessing.spec import EncodeSpec, InputSpec
from autorecipe.record.evaluation import Intervals

UNSEEN = "never seen before"  # a text that no training row is likely to hold
N_REQUEST_ROWS = 3
SHOWN_TEXT = f"{SHOWN:g}"


def signature(spec: EncodeSpec, schema: Schema, *, intervals: Intervals | None = None) -> dict[str, object]:
    """Return what goes in and comes out, by the raw columns' names.

    Returns
    -------
    dict
        "inputs": for each raw column its "name" in the SavedModel, its "dtype" ("string" or "float32") and
        what stands for a "missing" cell ("" or NaN); "outputs": dtype and shape (-1 is the rows); "classes"
        in the order of the probabilities; "half_widths" of a regression's intervals by the share of new rows that
        prediction ± half-width covers.
    """
    inputs = {
        i.column: {
            "name": i.input_name,
            "dtype": i.wire,
            "missing": "" if i.wire == "string" else float("nan"),
        }
        for i in spec.inputs
    }
    return {"target": schema.target, "task": schema.task, "inputs": inputs, **answers(schema, intervals=intervals)}


def answers(schema: Schema, *, intervals: Intervals | None = None) -> dict[str, object]:
    """Return what comes out, whatever goes in: "outputs", "classes" and "half_widths" of `signature`."""
    if schema.task == "regression":
        outputs: dict[str, object] = {"prediction": {"dtype": "float32", "shape": [-1]}}
    else:
        outputs = {
            "probabilities": {"dtype": "float32", "shape": [-1, len(schema.classes)]},
            "label": {"dtype": "string", "shape": [-1]},
        }
    known = {} if intervals is None else {"half_widths": by_coverage(intervals)}
    return {"outputs": outputs, "classes": list(schema.classes), **known}


def request(spec: EncodeSpec, tensors: Mapping[str, NDArray[np.generic]]) -> dict[str, object]:
    """Return a request in TensorFlow Serving's row format: rows as they are, a missing and an unseen value.

    Three rows are sent. In the second a number and a text are missing; in the third a text was never seen. A
    missing number is NaN, which TensorFlow Serving's JSON and Python's read and write as the bare word.

    Parameters
    ----------
    tensors : mapping of input name to array of shape (n_rows,)
        Raw cells of at least one row.
    """
    n_rows = len(next(iter(tensors.values())))
    taken = [min(i, n_rows - 1) for i in range(N_REQUEST_ROWS)]
    instances = [{i.input_name: tensors[i.input_name][row : row + 1].tolist()[0] for i in spec.inputs} for row in taken]
    strings = [i.input_name for i in spec.inputs if i.wire == "string"]
    numbers = [i.input_name for i in spec.inputs if i.wire == "float32"]
    if numbers:
        instances[-2][numbers[0]] = float("nan")
    if strings:
        instances[-2][strings[0]] = ""
        instances[-1][_unseen_column(spec.inputs)] = UNSEEN
    return {"signature_name": "serving_default", "instances": instances}


def _unseen_column(inputs: tuple[InputSpec, ...]) -> str:
    strings = [i for i in inputs if i.wire == "string"]
    return next((i for i in strings if i.kind == "categorical"), strings[0]).input_name


def readme(schema: Schema, *, intervals: Intervals | None = None) -> str:
    """Return the README of an export, as Markdown."""
    outputs = "`prediction`" if schema.task == "regression" else "`probabilities` and `label`"
    classes = f" Classes, in order: {json.dumps(list(schema.classes), ensure_ascii=False)}." if schema.classes else ""
    sure = interval_text(intervals)
    return _README.format(
        target=schema.target.strip(), outputs=outputs, classes=classes, python=PYTHON_CALL, intervals=sure
    )


def interval_text(intervals: Intervals | None) -> str:
    """Return what the README says of a regression's intervals; "" where there are none."""
    if intervals is None or not intervals.half_widths:
        return ""
    widths = by_coverage(intervals)
    shown = SHOWN_TEXT if SHOWN_TEXT in widths else next(reversed(widths))
    return _INTERVALS.format(
        coverage=f"{100 * float(shown):g}", half_width=f"{widths[shown]:g}", n_rows=intervals.n_rows
    )


PYTHON_CALL = """\
import json
import tensorflow as tf

serve = tf.saved_model.load("saved_model/1").signatures["serving_default"]
inputs = serve.structured_input_signature[1]
rows = json.load(open("request.json", encoding="utf-8"))["instances"]
feed = {name: tf.constant([row[name] for row in rows], inputs[name].dtype) for name in inputs}
for name, value in serve(**feed).items():
    print(name, value.numpy())
"""

_INTERVALS = """
Prediction ± {half_width} covers {coverage} % of rows like those it was made for, by its residuals on {n_rows:,} rows
out of fold. `half_widths` in `signature.json` holds such half-widths for shares from 0.5 to 0.99, in steps of 0.005.
"""

_README = """\
# A model that predicts `{target}`

It takes raw cells, as they stand in a table: stripping, missing values, numbers inside text, dates and
categories are dealt with inside the model. Answers: {outputs}.{classes}

| file | what it is | needs AutoRecipe installed |
|---|---|---|
| `saved_model/1/` | a TensorFlow SavedModel, for TensorFlow Serving or `tf.saved_model.load` | no |
| `model.keras` | the same model, for `keras.models.load_model` | yes |
| `signature.json` | each raw column's input name, dtype and missing value; the outputs and classes | no |
| `request.json` | a ready request: rows as they are, one with missing cells, one with an unseen value | no |

An input of dtype `string` takes the cell's text, and `""` where it is missing. An input of dtype `float32`
takes a number, and `NaN` where it is missing.
{intervals}
## TensorFlow Serving

```bash
docker run --rm -p 8501:8501 -e MODEL_NAME=autorecipe \\
  -v "$PWD/saved_model:/models/autorecipe" tensorflow/serving
curl -d @request.json http://localhost:8501/v1/models/autorecipe:predict
```

`NaN` in a request is the bare word. Strict JSON has no such word, but TensorFlow Serving reads and writes it,
as Python's `json` does; a client with a strict JSON writer sends the columns through gRPC instead.

## Python, with TensorFlow alone

Run in this folder:

```python
{python}```

## Python, with AutoRecipe

```python
import autorecipe.export.serving, autorecipe.layers  # registers the layers
import keras

model = keras.models.load_model("model.keras")
```
"""
