"""One fault for each check of tables, and what the check has to say of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import clean_tables as tables
import numpy as np
import pandas as pd
import table_faults as faults
from clean_tables import Case, case
from table_faults import Plant, cells, column, rows, test_rows, with_cells

from autorecipe.record.finding import Severity


@dataclass(frozen=True, slots=True)
class Says:
    """What a message has to say.

    Attributes
    ----------
    name : str
        The column, or what the rows are called.
    number : str
        The text around the number that was measured, with "#" in its place.
    low, high : float
        Between which values it lies, as the fault was planted.
    limit : str
        The limit, as the message writes it.
    """

    name: str
    number: str
    low: float
    high: float
    limit: str


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault, the table that is sound without it, and other checks that rightly warn of the same."""

    code: str
    severity: Severity
    clean: Callable[[], Case]
    plant: Plant
    says: Says
    may_fire: tuple[str, ...] = ()


LOANS, LOANS_TEST = case(tables.loans, "defaulted"), case(tables.loans, "defaulted", n_test=500)
HOUSES, HOUSES_TEST = case(tables.houses, "price_k"), case(tables.houses, "price_k", n_test=500)
KERNELS, GRADED_LOANS = case(tables.kernels, "variety"), case(tables.graded_loans, "risk_grade")
TRIPS, ORDERS = case(tables.trips, "fare"), case(tables.orders, "order_value")
VISITS, SENSORS = case(tables.visits, "pressure"), case(tables.sensors, "failed", n_test=1_000)


def gamma(frame: pd.DataFrame, random: np.random.Generator) -> np.ndarray:
    return random.gamma(3, 5, len(frame)).round(2)


FAULTS = (
    Fault(
        "D001", "warn", LOANS, column("country", lambda f, r: "NL"), Says("country", "# distinct", 1, 1, "at least 2")
    ),
    Fault(
        "D002",
        "info",
        LOANS,
        column("newsletter", lambda f, r: np.where(np.arange(len(f)) % 300 == 7, "yes", "no")),
        Says("newsletter", "newsletter (# %)", 99.5, 99.9, "limit 99.5 %"),
    ),
    Fault(
        "D003",
        "warn",
        LOANS,
        column("broker_fee", lambda f, r: faults.sparse(gamma(f, r), r, 0.03)),
        Says("broker_fee", "broker_fee (# %)", 96, 98, "limit 95 %"),
    ),
    Fault("D004", "warn", LOANS, rows(faults.empty_rows), Says("row", "# rows (", 7, 12, "over 95 %")),
    Fault(
        "D005",
        "warn",
        LOANS,
        cells("years_employed", 0.04, -999),
        Says("years_employed", "-999 in # %)", 3, 5, "from 1 %"),
    ),
    Fault(
        "D006",
        "warn",
        LOANS,
        cells("debt_percent", 0.006, "inf"),
        Says("debt_percent", "debt_percent (# rows)", 5, 9, "limit 0"),
    ),
    Fault(
        "D007",
        "warn",
        LOANS,
        cells("income_k", 0.02, "on request"),
        Says("income_k", "income_k (# rows without", 20, 30, "limit 0"),
    ),
    Fault("D008", "info", LOANS, column("city", faults.spellings), Says("city", "# level written", 1, 1, "limit 0")),
    Fault("D009", "info", LOANS, cells("housing", 0.03, "***"), Says("housing", "in # %", 2, 4, "limit 0.1 %")),
    Fault(
        "D010",
        "info",
        LOANS,
        column("application_id", lambda f, r: 700_000 + r.permutation(len(f))),
        Says("application_id", "(# distinct", 1500, 1500, "limit 99.9 %"),
    ),
    Fault(
        "D011",
        "info",
        LOANS,
        rows(lambda f, r: f.sort_values("defaulted")),
        Says("row number", "AUC #,", 0.97, 1, "limit 0.95"),
    ),
    Fault("D012", "warn", LOANS, rows(faults.two_sources), Says("amount_k", "AUC #,", 0.93, 1, "limit 0.925")),
    Fault(
        "D013",
        "stop",
        LOANS,
        column(
            "reminder_letters",
            lambda f, r: np.where(f["defaulted"] == "yes", 1 + r.poisson(3, len(f)), r.random(len(f)) < 0.01),
        ),
        Says("reminder_letters", "AUC # out", 0.98, 1, "limit 0.98"),
    ),
    Fault(
        "D014",
        "warn",
        LOANS,
        column("defaulted_prediction", faults.earlier_model),
        Says("defaulted_prediction", "AUC #,", 0.75, 0.95, "limit 0.5"),
    ),
    Fault("D015", "warn", LOANS, rows(faults.copies), Says("row", "(# %", 6, 10, "limit 5 %")),
    Fault("D016", "stop", LOANS_TEST, test_rows(faults.old_rows_again), Says("row", "(# %", 10, 15, "limit 5 %")),
    Fault(
        "D017", "warn", ORDERS, rows(faults.drifting_prices), Says("order_date", "# % more error", 5, 100, "limit 5 %")
    ),
    Fault("D018", "stop", VISITS, rows(faults.own_levels), Says("patient_id", "# % more error", 10, 100, "limit 10 %")),
    Fault(
        "D019", "warn", HOUSES_TEST, test_rows(faults.measured_again), Says("test row", "(# %;", 15, 30, "limit 2 %")
    ),
    Fault("D020", "warn", LOANS, rows(faults.contradictions), Says("row", "rows (# %", 6, 9, "limit 5 %")),
    Fault("D021", "warn", KERNELS, rows(faults.wrong_labels), Says("label", "# labels of", 80, 150, "limit 5 %")),
    Fault("D022", "warn", LOANS, rows(faults.left_over_mark), Says("age", "(#)", 99_999_999, 99_999_999, "20 robust")),
    Fault(
        "D023",
        "info",
        LOANS,
        column("overtime_hours", lambda f, r: np.where(r.random(len(f)) < 0.45, 0, gamma(f, r))),
        Says("overtime_hours", "0 in # %", 42, 48, "limit 20 %"),
    ),
    Fault(
        "D024",
        "info",
        LOANS,
        column("savings_k", lambda f, r: r.lognormal(2, 1.5, len(f)).round(2)),
        Says("savings_k", "skew #)", 3, 50, "limit 3"),
    ),
    Fault(
        "D025",
        "info",
        LOANS,
        rows(lambda f, r: f.assign(income_k=f["income_k"] * 1000)),
        Says("income_k", "spreads # times", 1000, 9000, "limit 100"),
    ),
    Fault(
        "D026",
        "info",
        LOANS,
        column("street", lambda f, r: [f"street {i}" for i in r.integers(0, 500, len(f))]),
        Says("street", "(# levels", 400, 500, "limit 127"),
    ),
    Fault(
        "D027",
        "warn",
        LOANS_TEST,
        with_cells("region", 0.06, lambda old: "islands"),
        Says("region", "region (# %", 5, 7, "limit 1 %"),
    ),
    Fault(
        "D028",
        "info",
        HOUSES,
        column("area_ft2", lambda f, r: (10.76 * f["area_m2"] * r.normal(1, 0.01, len(f))).round()),
        Says("area_ft2", "(#)", 0.98, 1, "above 0.98"),
    ),
    Fault(
        "D029",
        "info",
        HOUSES,
        column("area_ft2", lambda f, r: 10.76 * f["area_m2"]),
        Says("area_ft2", "all # rows", 1275, 1275, "all 1,275"),
    ),
    Fault(
        "D030", "warn", LOANS, rows(faults.few_of_a_class), Says("defaulted", "# times as large", 60, 80, "limit 50")
    ),
    Fault("D031", "warn", GRADED_LOANS, rows(faults.three_of_a_class), Says("E", "E (# row", 2, 3, "limit 5")),
    Fault(
        "D032",
        "info",
        HOUSES,
        rows(lambda f, r: f.assign(price_k=(f["price_k"] / 10).round().astype(int))),
        Says("price_k", "has # distinct", 30, 80, "in doubt from 5"),
    ),
    Fault("D033", "warn", HOUSES, cells("price_k", 0.04, None), Says("price_k", "(# %", 3.5, 4.5, "limit 1 %")),
    Fault(
        "D034",
        "warn",
        HOUSES,
        column("block_mean_price", faults.mean_of_block),
        Says("block_mean_price", "(# of what", 0, 0.5, "limit 0.5"),
    ),
    Fault(
        "D035",
        "warn",
        LOANS_TEST,
        with_cells("income_k", 1.0, lambda old: (old * 1.4).round(2)),
        Says("income_k", "distance #)", 0.15, 0.5, "limit 0.1"),
    ),
    Fault(
        "D036", "warn", SENSORS, test_rows(faults.noisier), Says("sensor_", "AUC #,", 0.7, 0.99, "limit 0.7"), ("D040",)
    ),
    Fault("D037", "info", HOUSES, rows(lambda f, r: f[:400]), Says("row", "below # %", 6, 9, "limit 5 %")),
    Fault("D038", "warn", HOUSES, rows(lambda f, r: f[:220]), Says("row", "# training rows", 187, 187, "limit 200")),
    Fault(
        "D039",
        "info",
        LOANS,
        column("Region", lambda f, r: r.choice(["coast", "inland"], len(f))),
        Says("Region", "# names", 2, 2, "limit 0"),
    ),
    Fault(
        "D040",
        "warn",
        LOANS_TEST,
        with_cells("income_k", 0.04, lambda old: old * 1000),
        Says("income_k", "(# % beyond", 3, 5, "limit 1 %"),
    ),
    Fault(
        "D041",
        "stop",
        TRIPS,
        column("total", lambda f, r: (f["fare"] + f["tip"] + f["tolls"]).round(2)),
        Says("total", "R2 #,", 0.99, 1, "limit 0.98"),
    ),
    Fault(
        "D042",
        "warn",
        LOANS,
        column("call_duration", faults.afterwards),
        Says("call_duration", "AUC #,", 0.8, 0.95, "limit 0.7"),
    ),
    Fault(
        "D043",
        "stop",
        HOUSES_TEST,
        with_cells("price_k", 1.0, lambda old: old * 1000),
        Says("price_k", "distance #;", 0.99, 1, "limit 0.1"),
    ),
)
