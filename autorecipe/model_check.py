"""Is a Keras model sound? The answer for any compiled model, measured on a clone of it."""

from __future__ import annotations

import math
import textwrap
import time
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from autorecipe.checks.training import judge_network
from autorecipe.diagnose import diagnose
from autorecipe.errors import MAX_FOREIGN, UserError
from autorecipe.evidence import Evidence, Facts
from autorecipe.record.finding import CheckOutcome, Finding, Severity
from autorecipe.record.readings import NotMeasured, Preflight, Reading
from autorecipe.record.stage import Diagnosis

if TYPE_CHECKING:
    import keras
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from autorecipe.training.bench import Bench

Inputs: TypeAlias = "pd.DataFrame | NDArray[np.generic] | Mapping[str, NDArray[np.generic]]"
Target: TypeAlias = "pd.Series[Any] | pd.DataFrame | NDArray[np.generic]"
SoundnessName = Literal["sound", "suspicious", "broken"]

TIME_LIMIT_S = 30.0  # what one waits for before a training is started
PROBE_SHARE = 0.6  # of the limit, after which no further probe begins: the rest is the training's
# a cause explains what follows from it: inputs out of scale, say, make the first loss huge and keep a tiny batch from
# being memorised. The order is that in which one mends: data, head and loss, inputs, rows that see each other, weights
ROOT_CAUSES = ("T001", "T002", "T005", "T006", "T007", "T004", "T012")
OTHER_CAUSES = ("T029", "T011", "T003", "T010")  # settings, and what a root cause may bring about
# a sweep in which no rate helps names no cause; one that names a better rate asks for that repair
CAUSE_IF_REPAIRABLE = ("T010",)
# among the rest, what looks inside the network comes before what only shows that it learns badly
SYMPTOMS = ("T017", "T015", "T018", "T016", "T013", "T019", "T009", "T014", "T008")
GRAVITY: dict[Severity, int] = {"stop": 0, "warn": 1, "info": 2}
# a finding of it, when it stops, leaves nothing to say for any other check
UNUSABLE = "T001"
# patience, run length and searched ranges are the check's own here, not the user's
NOT_ASKED = ("T023", "T024", "T026")


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """What `autorecipe.check` found; `str(report)` starts with the verdict, `report.details()` tells all.

    Attributes
    ----------
    outcomes : tuple of CheckOutcome
        Every check: passed, found something, or skipped with the reason.
    findings : tuple of Finding
        Causes before what follows from them, and then the gravest first.
    diagnosis : Diagnosis or None
        What the curves of the short training say.
    evidence : Evidence
        Everything that was measured.
    notes : tuple of str
        Sentences about the rows.
    """

    outcomes: tuple[CheckOutcome, ...]
    findings: tuple[Finding, ...]
    diagnosis: Diagnosis | None
    evidence: Evidence
    seconds: float
    notes: tuple[str, ...] = ()

    @property
    def verdict(self) -> SoundnessName:
        """Whether something is broken, something may be, or nothing is."""
        severities = {f.severity for f in self.findings}
        return "broken" if "stop" in severities else "suspicious" if "warn" in severities else "sound"

    @property
    def ok(self) -> bool:
        """Whether nothing is broken; warnings are no fault yet."""
        return self.verdict != "broken"

    def __str__(self) -> str:
        from autorecipe.report.text_check import check_text

        return check_text(self)

    @property
    def names_cause(self) -> bool:
        """Whether the first finding is a cause, from which others may follow."""
        return bool(self.findings) and _names_cause(self.findings[0])

    def follows(self, finding: Finding) -> bool:
        """Return whether a finding may follow from the first one: where that is a cause, and this is no other one.

        A root cause may bring about any other finding, one of the other causes what shows that a network learns badly.
        """
        if not self.names_cause or finding.severity == "info" or finding.code in ROOT_CAUSES:
            return False
        return self.findings[0].code in ROOT_CAUSES or not _names_cause(finding)

    def details(self) -> str:
        """Return the report with all of every finding, and of what passed."""
        from autorecipe.report.text_check import check_text

        return check_text(self, details=True)


def check(  # noqa: PLR0913  model, X and y as in scikit-learn, and four plain choices
    model: keras.Model,
    X: Inputs,
    y: Target,
    *,
    validation_data: tuple[Inputs, Target] | None = None,
    epochs: int | None = None,
    seed: int = 0,
    time_limit_s: float = TIME_LIMIT_S,
) -> CheckReport:
    """Is a compiled Keras model sound, and does it learn from these rows?

    Everything is done to a clone with copies of the loss and the optimizer: the model's weights and its optimizer stay
    as they are. First the pre-flight checks, then those of a short training.

    Parameters
    ----------
    model : keras.Model
        Compiled, with one output.
    X : ndarray, DataFrame of numbers, or dict of ndarrays for named inputs
    y : ndarray or Series of shape (n_rows,), or ndarray of shape (n_rows, n_outputs)
        As the model's loss takes it.
    validation_data : (X, y) or None
        None takes 20 % of the rows, drawn by the seed.
    epochs : int or None
        Of the training; None: as many as make 400 steps, but 10 to 60.
    time_limit_s : float
        Seconds for all of it; what it cuts off is skipped, and said.

    Raises
    ------
    UserError
        When the model is not compiled or has several outputs, or the arrays do not fit it.

    Examples
    --------
    >>> report = check(model, X, y)  # doctest: +SKIP
    >>> print(report)  # doctest: +SKIP
    broken: the loss expects logits and gets probabilities: softmax with from_logits=True is a double softmax (T002)
    """
    from autorecipe.training.short_training import train_shortly
    from autorecipe.training.user_bench import user_bench

    if not 0 < time_limit_s < math.inf:
        raise UserError(f"time_limit_s is {time_limit_s}", where="time_limit_s", fix="give seconds, such as 30")
    if epochs is not None and epochs < 1:
        raise UserError(f"epochs is {epochs}, expected 1 or more", where="epochs", fix="epochs=None, or 10")
    _expect_one_output(model)
    started = time.perf_counter()
    with warnings.catch_warnings():
        # Keras warns of some faults, at every compilation; the report tells them once
        warnings.filterwarnings("ignore", module=r"(keras|tensorflow|autorecipe)\.")
        bench = user_bench(model, X, y, validation_data=validation_data, seed=seed)
        unusable = _unusable_rows(bench, started=started)
        if unusable is not None:
            return unusable
        preflight, notes = _preflight(bench, deadline_s=started + PROBE_SHARE * time_limit_s)
        bench.fresh()
        deadline_s = started + time_limit_s
        training = train_shortly(bench, before=preflight.internals, epochs=epochs, deadline_s=deadline_s)
    evidence = Evidence(facts=_facts(bench), preflight=preflight, training=training)
    outcomes, findings = judge_network(evidence, when=("before", "during", "after"))
    return CheckReport(
        outcomes=tuple(o for o in outcomes if o.code not in NOT_ASKED),
        findings=ranked(tuple(f for f in findings if f.code not in NOT_ASKED)),
        diagnosis=diagnose(evidence),
        evidence=evidence,
        seconds=time.perf_counter() - started,
        notes=notes,
    )


def _unusable_rows(bench: Bench, *, started: float) -> CheckReport | None:
    """Return the report on rows that nothing can be learned from, else None: whatever else is measured is about them.

    One NaN makes every loss NaN, which the other checks would find as faults of the network.
    """
    from autorecipe.training.probes import measure

    found = measure(bench, "inputs")
    if isinstance(found, NotMeasured):
        return None
    evidence = Evidence(facts=_facts(bench), preflight=Preflight(inputs=found))  # type: ignore[arg-type]  # its reading
    outcomes, findings = judge_network(evidence, when=("before",))
    stops = tuple(f for f in findings if f.code == UNUSABLE and f.severity == "stop")
    if not stops:
        return None
    return CheckReport(
        outcomes=tuple(o for o in outcomes if o.code == UNUSABLE),
        findings=stops,
        diagnosis=None,
        evidence=evidence,
        seconds=time.perf_counter() - started,
        notes=("the other checks wait until this is mended",),
    )


def ranked(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Return findings in the order in which they are to be read: causes before what follows from them.

    A root cause that is only a warning stands before a stop that may follow from it; notes stand last.
    """
    return tuple(sorted(findings, key=_rank))


def _rank(finding: Finding) -> tuple[int, int, int, str]:
    gravity = GRAVITY[finding.severity]
    if finding.severity == "info":
        return 3, gravity, 0, finding.code
    if finding.code in ROOT_CAUSES:
        return 0, gravity, ROOT_CAUSES.index(finding.code), finding.code
    if _names_cause(finding):
        return 1, 0, OTHER_CAUSES.index(finding.code), finding.code
    place = SYMPTOMS.index(finding.code) if finding.code in SYMPTOMS else len(SYMPTOMS)
    return 2, gravity, place, finding.code


def _names_cause(finding: Finding) -> bool:
    if finding.severity == "info":
        return False
    names_it = finding.action == "repair" or finding.code not in CAUSE_IF_REPAIRABLE
    return finding.code in ROOT_CAUSES or (finding.code in OTHER_CAUSES and names_it)


def _expect_one_output(model: keras.Model) -> None:
    n_outputs = len(getattr(model, "outputs", None) or ())
    if n_outputs > 1:
        raise UserError(
            f"the model '{model.name}' has {n_outputs} outputs, expected one",
            where="model",
            fix="check one output at a time: keras.Model(model.input, model.outputs[0]), compiled with its loss",
        )


def _preflight(bench: Bench, *, deadline_s: float) -> tuple[Preflight, tuple[str, ...]]:
    """Take every reading that there is time for; the notes say which were not taken, and why."""
    from autorecipe.training.probes import PROBES, measure

    readings: dict[str, Reading] = {}
    missed: dict[str, list[str]] = {}  # by cause: one that stops several readings is told once
    for name in PROBES:
        if time.perf_counter() > deadline_s:
            missed.setdefault("the time limit was near", []).append(name)
            continue
        found = measure(bench, name)
        if isinstance(found, NotMeasured):
            missed.setdefault(_short(found.cause), []).append(name)
        else:
            readings[name] = found
    notes = tuple(_not_measured(names, cause) for cause, names in missed.items())
    return Preflight(**readings), notes  # type: ignore[arg-type]  # a probe's name is its field's


def _short(cause: str) -> str:
    return textwrap.shorten(next(iter(cause.splitlines()), ""), MAX_FOREIGN, placeholder=" ...")


def _not_measured(names: list[str], cause: str) -> str:
    said = [name.replace("_", " ") for name in names]
    listed = f"{', '.join(said[:-1])} and {said[-1]}" if len(said) > 1 else said[0]
    return f"{listed} {'were' if len(said) > 1 else 'was'} not measured: {cause}"


def _facts(bench: Bench) -> Facts:
    setup = bench.setup
    return Facts(
        task=setup.task,
        n_classes=setup.n_classes,
        n_train=bench.train.n_rows,
        n_validation=bench.validation.n_rows,
        learning_rate=setup.learning_rate,
        batch_size=setup.batch_size,
        optimizer=setup.optimizer,
        suits_rate_test=setup.suits_rate_test,
    )
