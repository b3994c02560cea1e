"""AutoRecipe as scikit-learn knows estimators: fit, predict, score."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin

from autorecipe.architecture import Build
from autorecipe.choices import ClassWeight, FamilyName, LossName
from autorecipe.config import Config, Kind, Preset, SearchName, StageName, Task
from autorecipe.data.tables import Table
from autorecipe.errors import UserError
from autorecipe.estimator_inputs import GROUPS, TARGET, WEIGHT, Source, config_of, for_classes, with_columns
from autorecipe.fitted_run import FittedRun
from autorecipe.metrics.costs import Costs
from autorecipe.recipe import Recipe
from autorecipe.record.profile import Profile

if TYPE_CHECKING:
    import pandas as pd


class AutoRecipe(FittedRun, BaseEstimator):
    """Works through the recipe on a table, or on images, and predicts with the network it ends with.

    Parameters
    ----------
    task : {"auto", "binary", "multiclass", "regression"}
    metric : str
        What is optimized; "auto": ROC AUC (average precision below 5 % positive), log loss, RMSE.
    time_limit : float or str or None
        Seconds, or "90s", "2m", "1h"; None is the preset's: 1, 10 or 60 minutes.
    preset : {"quick", "standard", "thorough"}
    test_size : float or "auto"
        Share of rows locked away; "auto" is 0 for `fit(X, y)`, whose callers hold their own test, and for a path 0.15,
        or the part that images have to test on.
    random_state : int
    directory : str or path, optional
        Where the run is kept; numbered under `runs/` by default.
    verbose : int
        0 says nothing.
    loss, until, recipe, search, serve_rows_per_s, image_side, offline, weights, tensorboard, histograms,
    positive, allow
        As the command line's flags of these names.
    show_values, show_samples : bool
        Whether the report shows cells, but for ids, texts and the like; and images with their names.
    cost : mapping, matrix or DataFrame, optional
        What wrong decisions cost: {"fn": 5, "fp": 1}; {(true label, predicted label): cost, ...}, where pairs left out
        cost 1; or a matrix with true classes in rows, in sorted order or as a DataFrame names them.
    class_weight : {"none", "balanced"}
        "balanced" lets rows of rare classes weigh more while training; probabilities are corrected back. It rarely
        helps: for labels, the threshold does.
    architecture : callable, optional
        `build(inputs: KerasTensor, n_outputs: int, **knobs) -> KerasTensor`: the features in, the logits out, in place
        of the families of networks. Its keyword parameters with defaults are the knobs that stages may change.
    families : sequence of str
        Families to try beside the plain net, in place of those that suit the data; ("mlp",) for none.
    types : mapping of column to kind
    drop, keep, ids : sequences of column names
    split_by_group, split_by_time, weight : str
        Columns.
    new : bool
        Start afresh, whatever the directory holds.

    Attributes
    ----------
    run_ : Run
        All that was found, as plain values.
    recipe_ : Recipe
        The recipe that the run ended with.
    profile_ : Profile
    model_ : keras.Model
        Raw cells, or the bytes of image files, in; probabilities and labels (or predictions) out.
    classes_ : ndarray
        Labels, for classification.
    feature_names_in_ : ndarray of str
    n_features_in_ : int

    Examples
    --------
    >>> from autorecipe import AutoRecipe
    >>> model = AutoRecipe(time_limit="1m")  # doctest: +SKIP
    >>> model.fit(X, y).predict(X_new)  # doctest: +SKIP
    """

    def __init__(  # noqa: PLR0913  scikit-learn takes every parameter by name
        self,
        *,
        task: Literal["auto"] | Task = "auto",
        metric: str = "auto",
        time_limit: float | str | None = None,
        preset: Preset = "standard",
        test_size: float | Literal["auto"] = "auto",
        random_state: int = 0,
        directory: str | PathLike[str] | None = None,
        verbose: int = 1,
        loss: Literal["auto"] | LossName = "auto",
        until: StageName = "squeeze",
        recipe: Recipe | None = None,
        architecture: Build | None = None,
        families: Sequence[FamilyName] = (),
        search: SearchName = "bayesian",
        serve_rows_per_s: int | None = None,
        image_side: int | None = None,
        offline: bool = False,
        weights: str | PathLike[str] | None = None,
        tensorboard: str | PathLike[str] | None = None,
        histograms: bool = False,
        show_values: bool = False,
        show_samples: bool = True,
        cost: Costs | None = None,
        class_weight: ClassWeight = "none",
        positive: str | int | None = None,
        allow: Sequence[str] = (),
        types: Mapping[str, Kind] | None = None,
        drop: Sequence[str] = (),
        keep: Sequence[str] = (),
        ids: Sequence[str] = (),
        split_by_group: str | None = None,
        split_by_time: str | None = None,
        weight: str | None = None,
        new: bool = False,
    ) -> None:
        self.task = task
        self.metric = metric
        self.time_limit = time_limit
        self.preset = preset
        self.test_size = test_size
        self.random_state = random_state
        self.directory = directory
        self.verbose = verbose
        self.loss = loss
        self.until = until
        self.recipe = recipe
        self.architecture = architecture
        self.families = families
        self.search = search
        self.serve_rows_per_s = serve_rows_per_s
        self.image_side = image_side
        self.offline = offline
        self.weights = weights
        self.tensorboard = tensorboard
        self.histograms = histograms
        self.show_values = show_values
        self.show_samples = show_samples
        self.cost = cost
        self.class_weight = class_weight
        self.positive = positive
        self.allow = allow
        self.types = types
        self.drop = drop
        self.keep = keep
        self.ids = ids
        self.split_by_group = split_by_group
        self.split_by_time = split_by_time
        self.weight = weight
        self.new = new

    def fit(
        self,
        X: Source,
        y: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
        groups: ArrayLike | None = None,
        *,
        target: str | None = None,
    ) -> Self:
        """Work through the recipe.

        Parameters
        ----------
        X : DataFrame, array of shape (n_rows, n_columns), or path of a table
            Raw cells: nothing needs to be encoded or imputed. With a path (or without `y`), `target` names the
            column to learn. Images come as an array of shape (n, height, width[, channels]), as a sequence of paths, or
            as the path of a folder with a folder for each class, of an archive of one, or of a table of paths.
        y : array of shape (n_rows,)
            Labels (strings are fine) or numbers.
        sample_weight, groups : array of shape (n_rows,), optional
            Weights of rows; groups that stay on one side of every split.
        target : str, optional

        Raises
        ------
        UserError
            For any input that cannot be learned from.
        StopFindings
            When a check asks before going on; it carries the findings.
        """
        from autorecipe import api
        from autorecipe.report.progress import telling

        table, config = self._table(X, y, sample_weight, groups, target=target or "")
        with telling(quiet=not self.verbose) as progress:
            result = api.fit(
                table,
                config,
                out=str(self.directory or ""),
                new=self.new or self.directory is None,
                progress=progress,
                architecture=self.architecture,
            )
        self._keep(result.run, result.directory)
        return self

    def profile(
        self,
        X: Source,
        y: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
        groups: ArrayLike | None = None,
        *,
        target: str | None = None,
    ) -> Profile | None:
        """Look at the data without training; the parameters are those of `fit`. A notebook shows it as a table.

        Raises
        ------
        UserError
            For any input that cannot be learned from.
        """
        from autorecipe import api
        from autorecipe.report.notebook import ShownProfile

        table, config = self._table(X, y, sample_weight, groups, target=target or "")
        return ShownProfile.of(api.profile_table(table, config))

    def _test_share(self, *, has_own_test: bool) -> float | None:
        if self.test_size == "auto":
            return 0.0 if has_own_test else None
        return float(self.test_size)

    def _table(
        self,
        X: Source,
        y: ArrayLike | None,
        sample_weight: ArrayLike | None,
        groups: ArrayLike | None,
        *,
        target: str,
    ) -> tuple[Table, Config]:
        if isinstance(X, (str, PathLike)) and y is not None:
            raise UserError("fit takes a path, or X and y, not both", where="fit(X, y)", fix="fit(path, target=NAME)")
        beside = {TARGET: y, WEIGHT: sample_weight, GROUPS: groups}
        table, config = with_columns(X, beside, self._config(target), target=target)
        config = dataclasses.replace(config, test_share=self._test_share(has_own_test=y is not None))
        return table, self._with_task(config, table.frame)

    def _with_task(self, config: Config, frame: pd.DataFrame) -> Config:
        """Return the config as it is: the data decide on the task unless the user did."""
        return config

    def _config(self, target: str) -> Config:
        return config_of(self.get_params(deep=False), target)


class AutoRecipeClassifier(ClassifierMixin, AutoRecipe):
    """AutoRecipe for classes; see `AutoRecipe` for the parameters."""

    score = FittedRun.score  # the mixin's asks for y

    def _config(self, target: str) -> Config:
        if self.task == "regression":
            raise UserError("task='regression' in a classifier", where="task", fix="use AutoRecipeRegressor")
        return super()._config(target)

    def _with_task(self, config: Config, frame: pd.DataFrame) -> Config:
        """Return the config with a task of classes where the many numbers of the target would speak for regression."""
        return for_classes(config, frame)


class AutoRecipeRegressor(RegressorMixin, AutoRecipe):
    """AutoRecipe for numbers; see `AutoRecipe` for the parameters."""

    score = FittedRun.score

    def _config(self, target: str) -> Config:
        return dataclasses.replace(super()._config(target), task="regression")


def load(run_dir: str | PathLike[str]) -> AutoRecipe:
    """Return a finished run as a fitted estimator.

    Raises
    ------
    UserError
        When there is no run in the directory.
    """
    from autorecipe import api

    run = api.load_run(str(run_dir))
    model = AutoRecipe(verbose=0)
    model._keep(run, Path(run_dir))
    return model
