"""Hold the stated error of a difference against what seeds alone do: ten seeds of one recipe on two real tables.

usage: AUTORECIPE_TEST_DATA=FOLDER python scripts/verify_noise.py [--seeds 10] [NAME ...]

Every pair of seeds is a change that changes nothing. Its effect is held against the error that a stage states: the
paired bootstrap of the rows and twice the variance between seeds, with the spread of three seeds that are not of the
pair. Prints per set the root mean square of effect / error, the share of these changes that one decision keeps, and
the share that is still kept after a stage's confirmation, on two seeds that neither decision nor spread has seen.
Exit 1 when a root mean square is outside 0.7-1.3, or one decision keeps more than 10 % of the changes.
"""

from __future__ import annotations

import argparse
import itertools
import math
import os
import pathlib
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from autorecipe import decide
from autorecipe.api import profile_table
from autorecipe.budget import WallClock
from autorecipe.change import Change
from autorecipe.config import Config
from autorecipe.effects import Effects
from autorecipe.intake import take_in
from autorecipe.metrics.choose import metric_named
from autorecipe.recipe import Recipe
from autorecipe.record.run import Run
from autorecipe.record.trial import Fit, Trial
from autorecipe.stages.baseline import first_recipe
from autorecipe.stages.trials import N_SPREAD_SEEDS, effect_of, fresh_seed, try_recipe
from autorecipe.store.directory import RunDirectory
from autorecipe.training.prepare import prepare_dataset
from autorecipe.training.trainer import NetworkTrainer
from autorecipe.tuning.search import KerasTunerSearcher

SETS = {
    "california_housing": ("tabular/california_housing.csv", "median_house_value"),
    "adult": ("tabular/adult.csv.gz", "income"),
}
RATIO_LIMITS = (0.7, 1.3)  # of the root mean square of effect / error
MOST_KEPT = 0.10  # of changes that change nothing but the seed
LIMIT_S = 3600.0  # the clock of the trainings: none of them is to be cut
NOTHING = Change(edits=(), title="another seed")
HEAD = (
    "| set | metric | seeds | spread of the seeds | stated error | rms of effect / error "
    "| kept by one decision | kept and confirmed | s |\n|---|---|---|---|---|---|---|---|---|"
)


@dataclass(slots=True)
class RememberingTrainer:
    """The real trainer, whose bootstraps are drawn once per pair."""

    trainer: NetworkTrainer
    row_errors: dict[tuple[str, str], float] = field(default_factory=dict)

    def fit(self, recipe: Recipe, fold: int) -> Fit:
        return self.trainer.fit(recipe, fold)

    def knows(self, recipe: Recipe, fold: int) -> bool:
        return self.trainer.knows(recipe, fold)

    def row_error(self, before: Trial, after: Trial) -> float:
        pair = min(before.fits[0].key, after.fits[0].key), max(before.fits[0].key, after.fits[0].key)
        if pair not in self.row_errors:
            self.row_errors[pair] = self.trainer.row_error(before, after)
        return self.row_errors[pair]


@dataclass(frozen=True, slots=True, kw_only=True)
class Null:
    """Seeds of one recipe, and how a stage would judge them."""

    run: Run
    effects: Effects
    trials: tuple[Trial, ...]

    def effect(self, before: int, after: int, spread: float) -> tuple[float, float]:
        return effect_of(self.trials[before], self.trials[after], self.run, self.effects, seed_spread=spread)

    def comparisons(self) -> Iterator[tuple[tuple[int, int], tuple[int, ...], float]]:
        """Yield every ordered pair of seeds, three others, and the spread of these."""
        seeds = range(len(self.trials))
        for pair in itertools.permutations(seeds, 2):
            for others in itertools.combinations([i for i in seeds if i not in pair], N_SPREAD_SEEDS):
                spread = decide.spread_of([self.trials[i].validation_score for i in others])
                yield pair, others, spread

    def is_kept(self, pair: tuple[int, int], spread: float) -> bool:
        effect, error = self.effect(*pair, spread)
        return decide.judge(NOTHING, effect=effect, error=error).kept

    def share_confirmed(self, pair: tuple[int, int], others: tuple[int, ...], spread: float) -> float:
        """Share of the pairs of seeds that are left on which the gain shows again."""
        left = [i for i in range(len(self.trials)) if i not in (*pair, *others)]
        effects = [self.effect(*again, spread) for again in itertools.permutations(left, 2)]
        return statistics.fmean(decide.confirm(effect=e, error=s).confirmed for e, s in effects)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--seeds", type=int, default=10, metavar="N")
    asked = parser.parse_args()
    data = os.environ.get("AUTORECIPE_TEST_DATA")
    if not data:
        print("set AUTORECIPE_TEST_DATA to the folder with the sets", file=sys.stderr)
        return 2
    if asked.seeds < 2 + N_SPREAD_SEEDS + 2:
        print(f"--seeds must be at least {2 + N_SPREAD_SEEDS + 2}, not {asked.seeds}", file=sys.stderr)
        return 2
    print(HEAD, flush=True)
    faults = [fault for name in asked.names or SETS for fault in verify(name, pathlib.Path(data), asked.seeds)]
    print("\n".join(faults) if faults else "\nall claims hold", flush=True)
    return 1 if faults else 0


def verify(name: str, data: pathlib.Path, n_seeds: int) -> list[str]:
    file, target = SETS[name]
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        null = train_seeds(str(data / file), Config(target=target), pathlib.Path(folder), n_seeds)
        rows = [(null.effect(*pair, spread), pair, others, spread) for pair, others, spread in null.comparisons()]
        ratio = math.sqrt(statistics.fmean((effect / error) ** 2 for (effect, error), *_ in rows))
        kept = [row for row in rows if null.is_kept(row[1], row[3])]
        confirmed = sum(null.share_confirmed(*row[1:]) for row in kept) / len(rows)
    spread = statistics.stdev(t.validation_score for t in null.trials)
    stated = statistics.fmean(error for (_, error), *_ in rows)
    cells = [name, null.run.deciding_metric, n_seeds, f"{spread:.4g}", f"{stated:.4g}", f"{ratio:.2f}"]
    cells += [f"{len(kept) / len(rows):.1%}", f"{confirmed:.1%}", f"{time.monotonic() - began:.0f}"]
    print("| " + " | ".join(map(str, cells)) + " |", flush=True)
    return faults_of(name, ratio, len(kept) / len(rows))


def train_seeds(path: str, config: Config, folder: pathlib.Path, n_seeds: int) -> Null:
    """Train the simplest network with as many seeds, as a stage would."""
    intake, run = take_in(path, config), profile_table(path, config)
    if run.split.n_folds > 1:
        raise SystemExit(f"{path}: its {run.split.n_folds} folds need no spread of seeds; name a larger table")
    data, _ = prepare_dataset(intake, run)
    clock, metric = WallClock(LIMIT_S), metric_named(run.deciding_metric, run.schema.task)
    with RunDirectory.create(folder / "run", now_s=clock.now_s) as directory:
        real = NetworkTrainer(data, directory, metric=metric, seed=config.seed, clock=clock)
        trainer = RememberingTrainer(real)
        searcher = KerasTunerSearcher(
            trainer=real, directory=folder / "tuner", direction=metric.direction, n_folds=1, seed=config.seed
        )
        effects = Effects(
            trainer=trainer, searcher=searcher, clock=clock, store=directory, n_folds=1, max_tuner_trials=0
        )
        start = first_recipe(run)
        trials = [try_recipe(start, effects, name="seed 1")]
        trials += [try_recipe(fresh_seed(start, "noise", i), effects, name=f"seed {i + 1}") for i in range(1, n_seeds)]
        if failed := [t for t in trials if t.status == "failed"]:
            raise SystemExit(f"{path}: {failed[0].name} could not be trained: {failed[0].cause}")
        null = Null(run=run, effects=effects, trials=tuple(trials))
        for pair in itertools.combinations(null.trials, 2):
            trainer.row_error(*pair)  # while the predictions are there
    return null


def faults_of(name: str, ratio: float, kept: float) -> list[str]:
    low, high = RATIO_LIMITS
    faults = []
    if not low <= ratio <= high:
        faults.append(f"{name}: effects are {ratio:.2f} times their errors, not {low}-{high}")
    if kept > MOST_KEPT:
        faults.append(f"{name}: {kept:.1%} of the changes that change nothing are kept, not at most {MOST_KEPT:.0%}")
    return faults


if __name__ == "__main__":
    sys.exit(main())
