"""Load an exported model with TensorFlow alone and send it the request that lies beside it.

usage: python examples/serve_without_autorecipe.py RUN/export
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import tensorflow as tf

export = Path(sys.argv[1])
serve = tf.saved_model.load(export / "saved_model" / "1").signatures["serving_default"]
inputs = serve.structured_input_signature[1]
rows = json.loads((export / "request.json").read_text(encoding="utf-8"))["instances"]

feed = {name: tf.constant([row[name] for row in rows], spec.dtype) for name, spec in inputs.items()}
for name, value in serve(**feed).items():
    print(name, value.numpy().tolist())
assert "autorecipe" not in sys.modules
