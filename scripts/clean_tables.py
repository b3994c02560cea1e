"""Tables without a fault: believable columns, a real signal with noise, and nothing that a check should warn of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

N_ROWS = 1_500

Make = Callable[[int, int], pd.DataFrame]  # from a number of rows and a seed


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Case:
    """What a user has: a table, its target, and test rows in a file of their own where there are some."""

    frame: pd.DataFrame
    target: str
    test: pd.DataFrame | None = None


def case(make: Make, target: str, *, n_test: int = 0) -> Callable[[], Case]:
    """Return what makes a case, once."""

    @cache
    def made() -> Case:
        return Case(frame=make(N_ROWS, 0), target=target, test=make(n_test, 1) if n_test else None)

    return made


def loans(n: int, seed: int) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    income, amount, debt = random.gamma(4, 11, n), random.gamma(3, 5, n), 100 * random.beta(2, 5, n)
    years = np.minimum(random.gamma(2, 4, n), 45)
    housing = random.choice(["rent", "own", "mortgage"], n, p=[0.4, 0.25, 0.35])
    risk = 0.09 * debt - 0.04 * income + 0.06 * amount - 0.08 * years + 0.8 * (housing == "rent")
    risk = risk + random.logistic(0, 1, n)
    return pd.DataFrame(
        {
            "age": np.clip(random.normal(42, 11, n), 18, 85).round(),
            "income_k": income.round(2),
            "amount_k": amount.round(2),
            "debt_percent": debt.round(2),
            "years_employed": years.round(1),
            "housing": housing,
            "region": random.choice(["north", "east", "south", "west"], n),
            "purpose": random.choice(["car", "kitchen", "study", "travel", "wedding"], n),
            "defaulted": np.where(risk > np.quantile(risk, 0.68), "yes", "no"),
        }
    )


def graded_loans(n: int, seed: int) -> pd.DataFrame:
    frame = loans(n, seed)
    burden = frame["debt_percent"] - 0.5 * frame["income_k"] + np.random.default_rng(seed).normal(0, 8, n)
    grade = np.digitize(burden, burden.quantile([0.3, 0.7]))
    return frame.drop(columns="defaulted").assign(risk_grade=np.array(["A", "B", "C"])[grade])


def kernels(n: int, seed: int) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    variety = random.integers(0, 3, n)
    middle = np.array([[5.5, 3.2, 0.87, 2.6, 5.1], [6.1, 3.7, 0.89, 3.5, 6.0], [5.2, 2.9, 0.85, 4.6, 5.4]])
    size = middle[variety] + random.normal(0, 1, (n, 5)) * [0.3, 0.24, 0.02, 0.8, 0.3]
    frame = pd.DataFrame(size.round(3), columns=["length", "width", "compactness", "asymmetry", "groove"])
    return frame.assign(variety=np.array(["Kama", "Rosa", "Canadian"])[variety])


def houses(n: int, seed: int) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    area, distance = 40 + random.gamma(4, 20, n), random.gamma(2, 4, n)
    district = random.choice(["Centre", "Harbour", "Hillside", "Meadows", "Station"], n)
    worth = {"Centre": 60, "Harbour": 35, "Hillside": 20, "Meadows": 0, "Station": -10}
    built = random.integers(1950, 2021, n)
    price = 90 + 2.1 * area - 5 * distance + 0.6 * (built - 1950) + np.array([worth[d] for d in district])
    return pd.DataFrame(
        {
            "area_m2": area.round(1),
            "distance_km": distance.round(2),
            "built_year": built,
            "garden_m2": (20 + random.gamma(3, 30, n)).round(1),
            "district": district,
            "heating": random.choice(["gas", "heat pump", "district"], n),
            "price_k": (price + random.normal(0, 30, n)).round(2),
        }
    )


def trips(n: int, seed: int) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    distance = random.gamma(2, 3, n)
    tip, tolls = random.gamma(2, 2, n), random.gamma(2, 2, n)
    fare = 3 + 2 * distance + random.normal(0, 2.5, n)
    zone = random.choice(["airport", "midtown", "old town", "docks"], n)
    columns = {"distance_km": distance, "tip": tip, "tolls": tolls, "fare": fare}
    return pd.DataFrame({"zone": zone, **{c: values.round(2) for c, values in columns.items()}})


def orders(n: int, seed: int) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    day = random.integers(0, 3 * 365, n)
    items, weight = random.integers(1, 30, n), random.gamma(3, 4, n)
    value = 20 + 4 * items + 3 * weight + random.normal(0, 15, n)
    return pd.DataFrame(
        {
            "order_date": (pd.Timestamp("2021-01-01") + pd.to_timedelta(day, unit="D")).strftime("%Y-%m-%d"),
            "items": items,
            "weight_kg": weight.round(2),
            "channel": random.choice(["web", "shop", "phone"], n),
            "order_value": value.round(2),
        }
    )


def visits(n: int, seed: int) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    patient = np.sort(random.integers(0, n // 12, n))
    age, height = random.normal(55, 12, n)[patient], random.normal(171, 9, n)[patient]
    dose, pulse = random.gamma(3, 10, n), random.normal(72, 9, n)
    pressure = 80 + 0.4 * age - 0.3 * dose + 0.3 * pulse + random.normal(0, 8, n)
    frame = pd.DataFrame(
        {
            "patient_id": [f"P{1000 + p}" for p in patient],
            "age": age.round(1),
            "height_cm": height.round(1),
            "dose_mg": dose.round(1),
            "pulse": pulse.round(),
            "pressure": pressure.round(1),
        }
    )
    return frame.iloc[random.permutation(n)].reset_index(drop=True)


def sensors(n: int, seed: int) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    readings = random.normal(20, 4, (n, 40))
    heat = readings[:, :5].sum(axis=1) + random.normal(0, 6, n)
    frame = pd.DataFrame(readings.round(2), columns=[f"sensor_{i:02}" for i in range(1, 41)])
    return frame.assign(failed=np.where(heat > 105, "yes", "no"))
