from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from autorecipe.config import Config
from autorecipe.data.infer import infer_schema
from autorecipe.profile.profile import profile

COLUMNS = {
    "height": lambda random, n: random.normal(170, 9, n).round(1),
    "income": lambda random, n: random.lognormal(10, 0.8, n).round(2),
    "visits": lambda random, n: random.poisson(1.5, n),
    "age": lambda random, n: random.integers(18, 90, n),
    "city": lambda random, n: random.choice(["Ulm", "Bonn", "Kiel"], n, p=[0.6, 0.3, 0.1]),
    "member": lambda random, n: random.choice(["yes", "no"], n),
    "rated": lambda random, n: np.where(random.random(n) < 0.15, np.nan, random.normal(0, 1, n).round(2)),
    "share": lambda random, n: random.beta(2, 5, n).round(3),
}
TARGETS = {
    "class": lambda signal: np.where(signal > np.median(signal), "good", "bad"),
    "rare class": lambda signal: np.where(signal > np.quantile(signal, 0.85), "good", "bad"),
    "number": lambda signal: (100 + 20 * signal).round(1),
    "skewed number": lambda signal: np.exp(signal).round(3),
}


def warnings_of(frame):
    config = Config(target="outcome")
    found = profile(frame, other_frame=None, schema=infer_schema(frame, config), config=config)
    return [(f.code, f.message) for f in found.findings if f.severity != "info"]


@pytest.mark.parametrize("seed", range(10))
def test_nothing_is_warned_of_in_a_clean_table(seed):
    random = np.random.default_rng(seed)
    chosen = random.choice(sorted(COLUMNS), int(random.integers(2, len(COLUMNS))), replace=False)
    n_rows, target = int(random.integers(250, 600)), str(random.choice(sorted(TARGETS)))
    frame = pd.DataFrame({name: COLUMNS[name](random, n_rows) for name in ("height", *chosen)})
    told = (frame["height"] - 170) / 9 + random.normal(0, 1, n_rows)
    assert warnings_of(frame.assign(outcome=TARGETS[target](told.to_numpy()))) == []
