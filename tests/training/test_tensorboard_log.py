from __future__ import annotations

import pytest

from autorecipe.run import Fit, History

pytestmark = pytest.mark.slow

tf = pytest.importorskip("tensorflow")
from autorecipe.training.tensorboard_log import write_curves  # noqa: E402  TensorFlow may be absent

HISTORY = History(train_loss=(0.9, 0.5), validation_loss=(0.95, 0.6), learning_rate=(1e-3, 5e-4))
FIT = Fit(key="abc", fold=2, history=HISTORY)


def written(folder):
    """Every scalar in a folder: {(name, epoch): value}."""
    found = {}
    for file in folder.iterdir():
        for event in tf.compat.v1.train.summary_iterator(str(file)):
            for value in event.summary.value:
                found[value.tag, event.step] = tf.make_ndarray(value.tensor).item()
    return found


def test_losses_and_rate_are_written_epoch_by_epoch(tmp_path):
    folder = write_curves(tmp_path / "curves", "mlp 2x64, rate 1.0e-03", FIT)
    assert folder.name == "mlp_2x64_rate_1.0e-03-fold2-abc"
    assert written(folder) == pytest.approx(
        {
            ("loss/train", 1): 0.9,
            ("loss/train", 2): 0.5,
            ("loss/validation", 1): 0.95,
            ("loss/validation", 2): 0.6,
            ("learning_rate", 1): 1e-3,
            ("learning_rate", 2): 5e-4,
        }
    )


def test_a_remembered_fit_is_not_written_twice(tmp_path):
    folder = write_curves(tmp_path, "net", FIT)
    write_curves(tmp_path, "net", FIT)
    assert len(list(folder.iterdir())) == 1


def test_what_has_no_curves_leaves_no_folder(tmp_path):
    write_curves(tmp_path, "constant", Fit(key="abc", fold=0))
    assert list(tmp_path.iterdir()) == []
