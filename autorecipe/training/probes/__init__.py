"""Measurements of a network before the budget is spent, one file per probe; nothing is judged here.

What to measure, and how, is after Karpathy (2019), "A recipe for training neural networks", and the Stanford CS231n
notes, part 3. Each probe works on a network as good as new and leaves it so.
"""

from __future__ import annotations

from collections.abc import Callable

from autorecipe.effects import ProbeName
from autorecipe.errors import foreign_text
from autorecipe.record.readings import NotMeasured, Reading
from autorecipe.training.augmentation_probe import augmentation
from autorecipe.training.bench import Bench, CannotMeasure
from autorecipe.training.probes.controls import controls
from autorecipe.training.probes.cross_talk import cross_talk
from autorecipe.training.probes.duplication import duplication
from autorecipe.training.probes.evaluation import evaluation
from autorecipe.training.probes.head import head
from autorecipe.training.probes.inputs import inputs
from autorecipe.training.probes.internals import internals
from autorecipe.training.probes.layout import layout
from autorecipe.training.probes.parity import parity
from autorecipe.training.probes.rate_range import rate_range
from autorecipe.training.probes.start import loss_at_start, loss_with_prior_bias
from autorecipe.training.probes.tiny_batch import tiny_batch

PROBES: dict[ProbeName, Callable[[Bench], Reading]] = {
    "inputs": inputs,
    "head": head,
    "layout": layout,
    "loss_at_start": loss_at_start,
    "loss_with_prior_bias": loss_with_prior_bias,
    "duplication": duplication,
    "cross_talk": cross_talk,
    "internals": internals,
    "tiny_batch": tiny_batch,
    "controls": controls,
    "rate_range": rate_range,
    "parity": parity,
    "evaluation": evaluation,
}
OF_TRAINED: dict[ProbeName, Callable[[Bench], Reading]] = {"augmentation": augmentation}


def measure(bench: Bench, name: ProbeName) -> Reading | NotMeasured:
    """Take one reading; a probe that fails says why instead of raising."""
    try:
        return PROBES[name](bench)
    except CannotMeasure as reason:
        return NotMeasured(cause=str(reason))
    except Exception as error:  # one probe never ends a run: a faulty network is what probes are for
        return NotMeasured(cause=foreign_text(error))
    finally:
        bench.fresh()
