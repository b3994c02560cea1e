from __future__ import annotations

import json
import math
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import autorecipe
from autorecipe.cli import cli
from autorecipe.errors import UserError
from autorecipe.model_check import CheckReport

pytestmark = pytest.mark.slow

EXAMPLES = Path(__file__).parents[1] / "examples"
N_ROWS = 200


def rows(n_columns=4):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(N_ROWS, n_columns)).astype("float32")
    return x, (x[:, 0] + x[:, 1] > 0).astype("int64")


def network(n_columns=4, *, ending="sigmoid", loss="binary_crossentropy"):
    keras.utils.set_random_seed(0)
    hidden = keras.layers.Dense(16, activation="relu")
    model = keras.Sequential([keras.Input((n_columns,)), hidden, keras.layers.Dense(1, activation=ending)])
    model.compile(optimizer=keras.optimizers.Adam(1e-2), loss=loss)
    return model


@pytest.fixture(scope="module")
def sound() -> tuple[keras.Model, list[np.ndarray], CheckReport]:
    """A model without a fault, its weights before, and its report."""
    model = network()
    before = [w.copy() for w in model.get_weights()]
    return model, before, autorecipe.check(model, *rows(), epochs=10, time_limit_s=3600)


def test_a_sound_model_is_called_sound_in_the_first_line(sound):
    report = sound[2]
    assert (report.verdict, report.ok) == ("sound", True), str(report)
    assert str(report).startswith("sound: ")


def test_the_users_model_and_its_optimizer_stay_as_they_are(sound):
    model, before, _ = sound
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))
    assert int(model.optimizer.iterations) == 0
    assert not model.optimizer.built


def test_the_report_keeps_what_was_measured(sound):
    evidence = sound[2].evidence
    assert evidence.training is not None
    history = evidence.training.fit.history
    assert len(history.train_loss) == len(history.validation_loss) == len(history.gradient_norm) == 10
    assert [i.epoch for i in evidence.training.fit.internals] == [0, 1, 2, 4, 8]
    assert evidence.preflight.controls is not None
    assert evidence.training.chance_loss == pytest.approx(math.log(2), abs=0.05)


def test_every_check_has_an_outcome_and_a_skipped_one_its_reason(sound):
    outcomes = sound[2].outcomes
    assert len({o.code for o in outcomes}) == len(outcomes) > 20
    assert all(o.reason for o in outcomes if o.status == "skipped")


def test_the_same_seed_repeats_the_report():
    x, y = rows()
    model = network()
    first, second = (autorecipe.check(model, x, y, epochs=2, time_limit_s=3600).evidence for _ in range(2))
    assert first.training is not None
    assert second.training is not None
    assert first.training.fit.history == second.training.fit.history
    assert first.preflight == second.preflight


def test_a_table_and_a_series_are_taken_and_columns_are_named():
    x, y = rows()
    x[:, 2] *= 1000
    frame = pd.DataFrame(x, columns=["age", "height", "income", "debt"])
    report = autorecipe.check(network(), frame, pd.Series(y), epochs=1, time_limit_s=3600)
    assert report.findings[0].code == "T005"
    assert "income" in report.findings[0].message


def test_named_inputs_and_validation_rows_are_taken():
    x, y = rows()
    left, right = keras.Input((2,), name="left"), keras.Input((2,), name="right")
    joined = keras.layers.Concatenate()([left, right])
    hidden = keras.layers.Dense(8, activation="relu")(joined)
    model = keras.Model({"left": left, "right": right}, keras.layers.Dense(1, activation="sigmoid")(hidden))
    model.compile(optimizer=keras.optimizers.Adam(1e-2), loss="binary_crossentropy")
    parts = {"left": x[:, :2], "right": x[:, 2:]}
    held_out = ({name: part[:60] for name, part in parts.items()}, y[:60])
    report = autorecipe.check(model, parts, y, validation_data=held_out, epochs=1, time_limit_s=3600)
    assert (report.evidence.facts.n_train, report.evidence.facts.n_validation) == (N_ROWS, 60)


def test_when_time_is_up_what_was_not_measured_is_said():
    report = autorecipe.check(network(), *rows(), time_limit_s=1e-6)
    note = next(note for note in report.notes if note.endswith("not measured: the time limit was near"))
    assert "controls" in note
    assert report.evidence.training is not None
    assert report.evidence.training.fit.is_cut


def test_missing_cells_are_a_fault_of_the_inputs():
    x, y = rows()
    x[3, 1] = np.nan
    report = autorecipe.check(network(), x, y, epochs=1, time_limit_s=3600)
    assert str(report).splitlines()[0].endswith("(T001)")
    assert not report.ok
    assert [finding.code for finding in report.findings] == ["T001"]
    assert "the other checks wait until this is mended" in str(report)


@pytest.mark.parametrize(
    ("break_it", "message"),
    [
        (lambda model, x, y: (keras.Sequential(model.layers), x, y), "is not compiled"),
        (lambda model, x, y: (model, x[:, :3], y), "cannot be called on rows of shape"),
        (lambda model, x, y: (model, x, y[:50]), "X has 200 rows, y has 50"),
        (lambda model, x, y: (model, x.astype(str), y), "expected an array of numbers"),
        (lambda model, x, y: ("model.keras", x, y), "expected a keras.Model"),
    ],
)
def test_what_cannot_be_checked_is_refused_with_a_way_out(break_it, message):
    with pytest.raises(UserError, match=message) as error:
        autorecipe.check(*break_it(network(), *rows()))
    assert error.value.fix


def test_several_outputs_are_refused_with_a_way_out():
    inputs = keras.Input((4,))
    model = keras.Model(inputs, [keras.layers.Dense(1)(inputs), keras.layers.Dense(1)(inputs)])
    model.compile(loss="mse")
    x, y = rows()
    with pytest.raises(UserError, match="has 2 outputs, expected one") as error:
        autorecipe.check(model, x, [y, y])
    assert "keras.Model(model.input, model.outputs[0])" in error.value.fix


class Subclassed(keras.Model):
    """A model that is saved without its layers' weights: they are made in its first call."""

    def __init__(self):
        super().__init__()
        self.hidden = keras.layers.Dense(8, activation="relu")
        self.head = keras.layers.Dense(1, activation="sigmoid")

    def call(self, inputs):
        return self.head(self.hidden(inputs))


def test_a_model_that_cannot_be_saved_is_no_other_one_after_loading():
    keras.utils.set_random_seed(0)
    model = Subclassed()
    model.compile(optimizer=keras.optimizers.Adam(1e-2), loss="binary_crossentropy")
    report = autorecipe.check(model, *rows(), epochs=1, time_limit_s=3600)
    assert "T011" not in {f.code for f in report.findings}, str(report)
    assert "cannot be saved and loaded (" in report.details()  # and why


def test_labels_that_the_loss_cannot_take_are_named_and_not_listed_at_length():
    x, y = rows()
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2, activation="softmax")])
    model.compile(loss="sparse_categorical_crossentropy")
    said = str(autorecipe.check(model, x, y + 1, epochs=1, time_limit_s=3600))
    assert said.startswith("broken: labels lie outside the outputs: they run from 1 to 2")
    assert "which brings about\n  T013" in said
    assert "Label values" not in said
    assert len(said.splitlines()) < 40


def test_a_loss_that_raises_anything_is_never_sound():
    def loss(y, outputs):
        raise KeyError("no such column")

    report = autorecipe.check(network(loss=loss), *rows(), epochs=1, time_limit_s=3600)
    assert not report.ok, str(report)
    assert "KeyError" in str(report)


@pytest.mark.parametrize(
    ("validation", "message"),
    [
        (lambda x, y: (x[:, :3], y), r"a row of X has the shape \(3,\), expected \(4,\)"),
        (lambda x, y: (x[:1], y[:1]), "1 rows, expected at least 2"),
        (lambda x, y: x, r"ndarray, expected \(x, y\)"),
    ],
)
def test_validation_rows_that_do_not_suit_the_others_are_refused(validation, message):
    x, y = rows()
    with pytest.raises(UserError, match=message):
        autorecipe.check(network(), x, y, validation_data=validation(x, y))


@pytest.mark.parametrize(("setting", "message"), [({"epochs": 0}, "epochs is 0"), ({"time_limit_s": -1}, "is -1")])
def test_settings_out_of_range_are_refused(setting, message):
    with pytest.raises(UserError, match=message):
        autorecipe.check(network(), *rows(), **setting)


def run(*words):
    return CliRunner().invoke(cli, ["check", *map(str, words)])


def test_the_broken_example_is_named_in_the_first_line_and_stops_with_3():
    result = run(
        f"{EXAMPLES / 'broken_model.py'}:build_model",
        EXAMPLES / "data" / "breast_cancer.csv",
        "--target",
        "target",
        "--time-limit",
        "1h",
    )
    assert result.exit_code == 3, result.output
    first = result.stdout.splitlines()[0]
    assert first.startswith("broken: the loss expects logits and gets probabilities")
    assert first.endswith("(T002)")


@pytest.fixture
def script(tmp_path):
    path = tmp_path / "net.py"
    path.write_text(
        "import keras\n\n\ndef build_model():\n"
        "    keras.utils.set_random_seed(0)\n"
        "    hidden = keras.layers.Dense(8, activation='relu')\n"
        "    output = keras.layers.Dense(1, activation='sigmoid')\n"
        "    model = keras.Sequential([keras.Input((4,)), hidden, output])\n"
        "    model.compile(optimizer=keras.optimizers.Adam(1e-2), loss='binary_crossentropy')\n"
        "    return model\n",
        encoding="utf-8",
    )
    x, y = rows()
    frame = pd.DataFrame(x, columns=list("abcd")).assign(kind=np.where(y == 1, "yes", "no"))
    frame.to_csv(tmp_path / "rows.csv", index=False)
    return path


def test_a_sound_model_of_a_script_ends_with_0_and_as_json(script):
    result = run(script, script.parent / "rows.csv", "--target", "kind", "--json", "--time-limit", "1h")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found["findings"] == [] or all(f["severity"] != "stop" for f in found["findings"])
    assert any("no = 0, yes = 1" in note for note in found["notes"])


def test_a_fault_of_the_script_is_shown_without_our_traceback(script):
    script.write_text("import keras\n\n1 / 0\n", encoding="utf-8")
    result = run(script, script.parent / "rows.csv", "--target", "kind")
    assert result.exit_code == 2
    assert "net.py, line 3" in result.stderr
    assert "Traceback" not in result.stderr
