from __future__ import annotations

import numpy as np
import pandas as pd

from autorecipe.beginning import begin
from autorecipe.config import Config
from autorecipe.data.tables import from_frame
from autorecipe.intake import take_in
from autorecipe.profiled import profiled
from autorecipe.training.prepare import prepare_dataset


def test_copies_of_rows_are_not_learned_from_and_stay_where_they_decide():
    random = np.random.default_rng(0)
    rows = pd.DataFrame({"size": random.normal(size=200), "age": random.normal(size=200)})
    rows["bought"] = random.choice(["no", "yes"], 200)
    table = from_frame(pd.concat([rows, rows.iloc[:30]], ignore_index=True))
    fitted = {}
    for allow in ((), ("D015",)):
        config = Config(target="bought", allow=allow)
        intake = take_in(table, config)
        fitted[allow], _ = prepare_dataset(intake, profiled(begin(intake, config), intake))
    without, with_all = fitted[()], fitted["D015",]
    for lean, full in zip(without.split.folds, with_all.split.folds, strict=True):
        assert len(lean.train) < len(full.train)
        assert np.setdiff1d(full.train, lean.train).min() >= 200
        assert np.array_equal(lean.validation, full.validation)
    assert np.array_equal(without.split.test, with_all.split.test)
    assert without.fingerprint != with_all.fingerprint
