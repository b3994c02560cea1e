"""Ten real tables, prepared as a run prepares them, each with a plain network that has no fault."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

N_ROWS = 4_000  # looked at: as many as show a false alarm in seconds
MAX_LEVELS = 64  # of a category that is written as one column per level
WIDTH, RATE, BATCH = 64, 1e-3, 32  # what the first network of a tutorial has


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanSet:
    """A table, its target, and columns that say the target in other words."""

    file: str
    target: str
    drop: tuple[str, ...] = ()


SETS = (
    CleanSet(file="tabular/penguins.csv", target="species"),
    CleanSet(file="tabular/concrete.csv", target="strength"),
    CleanSet(file="tabular/magic_telescope.csv", target="Class"),
    CleanSet(file="tabular/titanic.csv", target="Survived"),
    CleanSet(file="tabular/california_housing.csv", target="median_house_value"),
    CleanSet(file="tabular/adult.csv.gz", target="income"),
    CleanSet(file="tabular/wine_quality.csv", target="quality"),
    CleanSet(file="tabular/telco_churn.csv", target="Churn"),
    CleanSet(file="tabular/letter.csv", target="lettr"),
    CleanSet(file="tabular/heart_binary.csv", target="target"),
)


def prepared(folder: Path, clean: CleanSet) -> tuple[np.ndarray, np.ndarray, str]:
    """Return X (n_rows, n_columns) float32, y and the task: numbers scaled, categories as one column per level."""
    from autorecipe.config import Config
    from autorecipe.intake import take_in
    from autorecipe.layers import RobustScale
    from autorecipe.preprocessing.arrays import encode_frame
    from autorecipe.preprocessing.encode import Encode
    from autorecipe.preprocessing.spec import fit_encode, layout, to_json
    from autorecipe.preprocessing.statistics import robust_scale

    intake = take_in(str(folder / clean.file), Config(target=clean.target, drop=clean.drop))
    rows = np.random.default_rng(0).permutation(intake.split.training_rows)[:N_ROWS]
    frame = intake.frame.iloc[rows]
    spec = fit_encode(frame, intake.schema)
    arrays, places = encode_frame(Encode(to_json(spec)), frame), layout(spec)
    parts = []
    if "numbers" in arrays:
        scale, statistics = RobustScale(), robust_scale(arrays["numbers"])
        scale.build(arrays["numbers"].shape)
        scale.center.assign(statistics["center"])
        scale.inverse_spread.assign(statistics["inverse_spread"])
        parts.append(np.asarray(scale(arrays["numbers"])))
    for j, size in enumerate(places.code_sizes):
        if size <= MAX_LEVELS:
            parts.append(np.eye(size, dtype="float32")[arrays["codes"][:, j]])
    y = intake.y[rows]
    if intake.schema.task == "regression":
        y = ((y - y.mean()) / y.std()).astype("float32")
    return np.concatenate(parts, axis=1).astype("float32"), y, intake.schema.task


def healthy_model(n_inputs: int, y: np.ndarray, task: str):
    """Return a compiled network of two hidden layers, as a textbook has it."""
    import keras

    endings = {
        "binary": (1, "sigmoid", "binary_crossentropy"),
        "multiclass": (int(y.max()) + 1, "softmax", "sparse_categorical_crossentropy"),
        "regression": (1, None, "mean_squared_error"),
    }
    keras.utils.set_random_seed(0)
    n_outputs, activation, loss = endings[task]
    hidden = [keras.layers.Dense(WIDTH, activation="relu") for _ in range(2)]
    output = keras.layers.Dense(n_outputs, activation=activation)
    model = keras.Sequential([keras.Input((n_inputs,)), *hidden, output])
    model.compile(optimizer=keras.optimizers.Adam(RATE), loss=loss)
    return model


def verify_networks(folder: Path, names: list[str]) -> list[str]:
    """Check every network, print a row for each, and return the sets with more than one warning."""
    import autorecipe

    print("\n| set | rows | columns | verdict | warnings | notes | s |\n|---|---|---|---|---|---|---|")
    wrong, n_loud, n_sets = [], 0, 0
    for clean in SETS:
        if names and not any(part in clean.file for part in names):
            continue
        x, y, task = prepared(folder, clean)
        report = autorecipe.check(healthy_model(x.shape[1], y, task), x, y)
        loud = [f for f in report.findings if f.severity != "info"]
        print(
            f"| {Path(clean.file).name} | {len(x)} | {x.shape[1]} | {report.verdict} | {len(loud)}"
            f" | {len(report.findings) - len(loud)} | {report.seconds:.0f} |",
            flush=True,
        )
        for finding in report.findings:
            print(f"    {finding.severity} {finding.code} {finding.message}")
        n_loud, n_sets = n_loud + len(loud), n_sets + 1
        if len(loud) > 1 or not report.ok:
            wrong.append(clean.file)
    print(f"{n_sets} networks, {n_loud / max(n_sets, 1):.2f} warnings each; not as expected: {wrong or 'none'}")
    return wrong
