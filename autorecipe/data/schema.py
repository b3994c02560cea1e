"""The columns: name, kind, how raw cells are parsed, and the target's task."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from autorecipe.config import Kind, Modality, Task

Wire = Literal["float32", "string"]
Role = Literal["feature", "target", "weight", "id", "group", "time", "dropped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of the table.

    Attributes
    ----------
    name : str
        As the header shows it, blanks included.
    wire : str
        What a raw cell is on the wire: "float32" when every cell is a number after the null tokens (NaN is missing),
        else "string" (the cell's text; "" is missing).
    role : str
        "dropped" columns and ids are not features; `reason` says why.
    number_rule : str
        Name of the rule in `autorecipe.data.number_rules.NUMBER_RULES` that parses a numeric column's text;
        "" when the wire is float32 already.
    date_format : str
        Name of the format in `autorecipe.data.date_formats.DATE_FORMATS`; "" for other kinds.
    null_tokens : tuple of str
        Stripped, casefolded texts that stand for a missing cell in this column ("" always does).
    reason : str
        The evidence for the kind, in a few words.
    """

    name: str
    kind: Kind
    wire: Wire
    role: Role = "feature"
    number_rule: str = ""
    date_format: str = ""
    null_tokens: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """The columns and the task.

    Attributes
    ----------
    classes : tuple of str
        Class labels as text; for a binary task (negative, positive). Empty for regression.
    class_dtype : str
        What a label is in Python: "str", "int", "float" or "bool".
    task_reason : str
        "Survived is 0 or 1, 38 % are 1".
    """

    columns: tuple[Column, ...]
    target: str
    task: Task
    task_reason: str
    classes: tuple[str, ...] = ()
    class_dtype: Literal["str", "int", "float", "bool"] = "str"

    @property
    def features(self) -> tuple[Column, ...]:
        """The columns that the model sees."""
        return tuple(c for c in self.columns if c.role == "feature")

    @property
    def modality(self) -> Modality:
        """What a row is: "image" where a feature is one, else "table"."""
        return "image" if any(column.kind == "image" for column in self.features) else "table"

    def column(self, name: str) -> Column:
        """Return the column called `name` (blanks around it ignored)."""
        for column in self.columns:  # as it is written, mostly: among thousands of columns stripping takes its time
            if column.name == name:
                return column
        return next(c for c in self.columns if c.name.strip() == name.strip())
