"""What the dumb models of images look at."""

from __future__ import annotations

import numpy as np
import pytest

pytestmark = pytest.mark.slow

pytest.importorskip("tensorflow")
from small_images import bars  # noqa: E402  TensorFlow may be absent

from autorecipe.training import baselines, image_baselines  # noqa: E402
from autorecipe.training.baselines import fit_baseline, predicted  # noqa: E402
from autorecipe.training.image_baselines import colour_means, image_statistics  # noqa: E402

DATA = bars("multiclass", n_channels=3)
PIXELS = DATA.x["pixels"]
ROWS = np.array([3, 90, 17, 17, 41])


class Sliced:
    """Pixels that note how many images are taken at once."""

    def __init__(self, pixels: np.ndarray) -> None:
        self._pixels, self.shape, self.taken = pixels, pixels.shape, []

    def __len__(self) -> int:
        return len(self._pixels)

    def __getitem__(self, rows) -> np.ndarray:
        self.taken.append(len(self._pixels[rows]))
        return self._pixels[rows]


@pytest.mark.parametrize("look", [lambda x, rows: colour_means(x, grid=3, rows=rows), image_statistics])
def test_only_a_slice_of_the_rows_is_copied_at_once(monkeypatch, look):
    whole = look(PIXELS[ROWS], None)
    monkeypatch.setattr(image_baselines, "SLICE_BYTES", 8 * PIXELS[0].nbytes)
    sliced = Sliced(PIXELS)
    np.testing.assert_allclose(look(sliced, ROWS), whole, rtol=1e-6)
    monkeypatch.setattr(image_baselines, "SLICE_BYTES", 1)
    sliced = Sliced(PIXELS)
    np.testing.assert_allclose(look(sliced, ROWS), whole, rtol=1e-6)
    assert set(sliced.taken) == {1}


@pytest.mark.parametrize("name", ["constant", "linear"])
def test_images_are_predicted_a_slice_at_a_time(monkeypatch, name):
    predict, sizes = fit_baseline(name, DATA, DATA.split.non_test, seed=0), []
    whole = predict(DATA.take(ROWS))
    monkeypatch.setattr(baselines, "SLICE_BYTES", 2 * PIXELS[0].nbytes)

    def note(x):
        sizes.append(len(x["pixels"]))
        return predict(x)

    np.testing.assert_allclose(predicted(note, DATA, ROWS), whole, rtol=1e-6)
    assert sizes == [2, 2, 1]
