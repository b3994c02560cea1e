"""How people spoil tables: a wrong cell, a wrong column, wrong rows or a wrong file."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pandas as pd
from clean_tables import Case

Random = np.random.Generator
Plant = Callable[[Case, Random], Case]


def column(name: str, values: Callable[[pd.DataFrame, Random], object]) -> Plant:
    """Plant a column before the target."""

    def plant(clean: Case, random: Random) -> Case:
        frame = clean.frame.copy()
        frame.insert(0, name, values(frame, random))
        return dataclasses.replace(clean, frame=frame)

    return plant


def cells(name: str, share: float, value: object) -> Plant:
    """Write a value into a share of the cells of a column."""

    def plant(clean: Case, random: Random) -> Case:
        chosen = random.permutation(len(clean.frame))[: round(share * len(clean.frame))]
        changed = clean.frame[name].astype(object)
        changed.iloc[chosen] = value
        return dataclasses.replace(clean, frame=clean.frame.assign(**{name: changed}))

    return plant


def rows(change: Callable[[pd.DataFrame, Random], pd.DataFrame]) -> Plant:
    """Change the rows of the table."""
    return lambda clean, random: dataclasses.replace(clean, frame=change(clean.frame.copy(), random))


def test_rows(change: Callable[[Case, Random], pd.DataFrame]) -> Plant:
    """Change the rows of the test file."""
    return lambda clean, random: dataclasses.replace(clean, test=change(clean, random))


def some(frame: pd.DataFrame, random: Random, share: float) -> np.ndarray:
    return random.permutation(len(frame))[: round(share * len(frame))]


def sparse(values: np.ndarray, random: Random, share: float) -> np.ndarray:
    return np.where(random.random(len(values)) < share, values, np.nan)


def empty_rows(frame: pd.DataFrame, random: Random) -> pd.DataFrame:
    frame.loc[some(frame, random, 0.008), frame.columns[:-1]] = None
    return frame


def spellings(frame: pd.DataFrame, random: Random) -> np.ndarray:
    return random.choice(
        ["New York", "new york", "New-York", "Boston", "Denver"], len(frame), p=[0.4, 0.1, 0.1, 0.2, 0.2]
    )


def two_sources(frame: pd.DataFrame, random: Random) -> pd.DataFrame:
    amount = frame["amount_k"]
    frame["amount_k"] = np.where(frame["defaulted"] == "yes", amount.map("{:.2f}".format), amount.map("{:.1f}".format))
    return frame


def earlier_model(frame: pd.DataFrame, random: Random) -> np.ndarray:
    lean = np.where(frame["defaulted"] == "yes", 1.0, -1.0)
    return (1 / (1 + np.exp(-lean - random.normal(0, 1.4, len(frame))))).round(3)


def afterwards(frame: pd.DataFrame, random: Random) -> np.ndarray:
    return (random.gamma(3, 2, len(frame)) * np.where(frame["defaulted"] == "yes", 3, 1)).round(2)


def left_over_mark(frame: pd.DataFrame, random: Random) -> pd.DataFrame:
    frame["age"] = frame["age"].where(frame.index != 3, 99_999_999)
    return frame


def copies(frame: pd.DataFrame, random: Random) -> pd.DataFrame:
    known = frame.assign(application_id=[f"A{1000 + i}" for i in range(len(frame))])
    return pd.concat([known, known.iloc[some(frame, random, 0.09)]], ignore_index=True)


def flipped(labels: pd.Series) -> np.ndarray:
    return np.where(labels == "yes", "no", "yes")


def contradictions(frame: pd.DataFrame, random: Random) -> pd.DataFrame:
    again = frame.iloc[some(frame, random, 0.04)]
    return pd.concat([frame, again.assign(defaulted=flipped(again["defaulted"]))], ignore_index=True)


def wrong_labels(frame: pd.DataFrame, random: Random) -> pd.DataFrame:
    chosen = some(frame, random, 0.1)
    frame.loc[chosen, "variety"] = frame.loc[chosen, "variety"].map({"Kama": "Rosa", "Rosa": "Kama"}).fillna("Kama")
    return frame


def drifting_prices(frame: pd.DataFrame, random: Random) -> pd.DataFrame:
    week = (pd.to_datetime(frame["order_date"]) - pd.Timestamp("2021-01-01")).dt.days // 7
    frame["order_value"] = (frame["order_value"] + random.normal(0, 18, 160).cumsum()[week]).round(2)
    return frame


def own_levels(frame: pd.DataFrame, random: Random) -> pd.DataFrame:
    codes, _ = pd.factorize(frame["patient_id"])
    frame["pressure"] = (frame["pressure"] + random.normal(0, 20, codes.max() + 1)[codes]).round(1)
    return frame


def measured_again(clean: Case, random: Random) -> pd.DataFrame:
    again = clean.frame.iloc[some(clean.test, random, 0.25)].copy()
    for name in ("area_m2", "distance_km", "garden_m2"):
        again[name] = (again[name] * random.normal(1, 0.0005, len(again))).round(4)
    return pd.concat([clean.test, again], ignore_index=True)


def few_of_a_class(frame: pd.DataFrame, random: Random) -> pd.DataFrame:
    spare = frame.index[frame["defaulted"] == "yes"][16:]
    return frame.drop(index=spare).reset_index(drop=True)


def three_of_a_class(frame: pd.DataFrame, random: Random) -> pd.DataFrame:
    frame.loc[random.permutation(len(frame))[:3], "risk_grade"] = "E"
    return frame


def mean_of_block(frame: pd.DataFrame, random: Random) -> np.ndarray:
    block = random.integers(0, len(frame) // 8, len(frame))
    return frame["price_k"].groupby(block).transform("mean").round(3)


def old_rows_again(clean: Case, random: Random) -> pd.DataFrame:
    return pd.concat([clean.test, clean.frame.iloc[some(clean.test, random, 0.15)]], ignore_index=True)


def with_cells(name: str, share: float, change: Callable[[pd.Series], object]) -> Plant:
    """Change a share of the cells of a column of the test file."""

    def changed(clean: Case, random: Random) -> pd.DataFrame:
        frame = clean.test.copy()
        chosen = some(frame, random, share)
        frame.loc[chosen, name] = change(frame.loc[chosen, name])
        return frame

    return test_rows(changed)


def noisier(clean: Case, random: Random) -> pd.DataFrame:
    """Let every number vary a fifth more: little in each column, and much in all of them."""
    numbers = clean.test.columns[:-1]
    return clean.test.assign(**{c: (20 + 1.2 * (clean.test[c] - 20)).round(2) for c in numbers})
