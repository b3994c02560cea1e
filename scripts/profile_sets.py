"""What is known of real tables, written down before the checks were run on them: what must be found, and what is true.

The facts are those that the sets' own descriptions and a look at the files give: constant columns, ids, leaks, copies.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A fault that a set has.

    Attributes
    ----------
    code : str
        The check that should find it; "" for any that asks about the column.
    column : str
        What it should name; "" for a fault of rows, or of the whole set.
    severity : str
        The least that it should be: "info", "warn" or "stop".
    is_aim : bool
        Whether the data alone may not suffice to prove it.
    """

    code: str
    column: str = ""
    severity: str = "info"
    is_aim: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSet:
    """A table, its target, and what is known of it.

    Attributes
    ----------
    is_clean : bool
        Whether no column leaks and no rows belong together: nothing may stop, and a warning is true (`true_codes`) or
        a false alarm.
    true_codes : tuple of str
        Checks whose warning is right here, though nothing asks for it.
    """

    file: str
    target: str
    known: tuple[Known, ...] = ()
    is_clean: bool = True
    true_codes: tuple[str, ...] = ()


def ids(*columns: str) -> tuple[Known, ...]:
    """Columns that number the rows."""
    return tuple(Known(code="D010", column=column) for column in columns)


def constant(*columns: str) -> tuple[Known, ...]:
    """Columns with one value."""
    return tuple(Known(code="D001", column=column, severity="warn") for column in columns)


COPIES = Known(code="D015")

SETS = (
    KnownSet(file="abalone.csv", target="Rings", true_codes=("D032",)),
    KnownSet(file="adult.csv.gz", target="income", known=(COPIES, Known(code="D029", column="education"))),
    KnownSet(file="ames_house_prices.csv", target="SalePrice", known=ids("Id"), true_codes=("D003",)),
    KnownSet(
        file="audit_risk.csv",
        target="Risk",
        is_clean=False,
        known=(Known(code="D013", column="Audit_Risk", severity="stop"), *constant("Detection_Risk"), COPIES),
    ),
    KnownSet(file="auto_mpg.csv", target="mpg"),
    KnownSet(
        file="bank_marketing.csv.gz",
        target="deposit",
        is_clean=False,
        known=(Known(code="D005", column="pdays"), Known(code="", column="duration", severity="warn", is_aim=True)),
    ),
    KnownSet(
        file="bengaluru_housing.csv",
        target="price",
        known=(Known(code="D007", column="total_sqft", severity="warn"), COPIES),
    ),
    KnownSet(file="bike_hour.csv", target="cnt", known=ids("instant"), true_codes=("D011", "D017", "D018")),
    KnownSet(file="california_housing.csv", target="median_house_value"),
    KnownSet(file="car_evaluation.csv", target="decision"),
    KnownSet(
        file="cardiotocography.csv",
        target="NSP",
        is_clean=False,
        known=(Known(code="D013", column="CLASS", severity="stop"),),
    ),
    KnownSet(
        file="communities_crime.csv",
        target="ViolentCrimesPerPop",
        is_clean=False,
        # murders, rapes, robberies and assaults per head add up to the target
        known=(Known(code="D041", column="assaultPerPop", severity="warn"),),
    ),
    KnownSet(file="concrete.csv", target="strength", known=(COPIES,)),
    KnownSet(file="diamonds.csv.gz", target="price", known=(COPIES,)),
    KnownSet(
        file="energy_efficiency.csv",
        target="Heating Load",
        is_clean=False,
        known=(Known(code="D013", column="Cooling Load", severity="warn"),),
    ),
    KnownSet(file="forest_fires.csv", target="area"),
    KnownSet(file="german_credit.csv", target="credit_risk"),
    KnownSet(file="heart_binary.csv", target="target"),
    KnownSet(file="horse_colic.csv", target="outcome", true_codes=("D031",)),
    KnownSet(
        file="hr_attrition.csv",
        target="Attrition",
        known=(*constant("EmployeeCount", "Over18", "StandardHours"), *ids("EmployeeNumber")),
    ),
    KnownSet(
        file="hypothyroid.csv",
        target="Class",
        known=(
            *constant("TBG measured"),
            Known(code="D003", column="TBG", severity="warn"),
            Known(code="D031", severity="warn"),
            COPIES,
        ),
    ),
    KnownSet(file="insurance_charges.csv", target="charges"),
    KnownSet(
        file="law_school_bar.csv.gz",
        target="pass_bar",
        is_clean=False,
        known=(
            *(Known(code="D013", column=column, severity="stop") for column in ("bar", "bar_passed", "bar2")),
            Known(code="D013", column="bar1", severity="warn"),
            Known(code="D014", column="dnn_bar_pass_prediction", severity="warn"),
            *ids("ID"),
        ),
    ),
    KnownSet(file="letter.csv", target="lettr", known=(COPIES,)),
    # the same country in every year: rows belong together
    KnownSet(file="life_expectancy.csv", target="Life expectancy ", true_codes=("D018",)),
    KnownSet(file="magic_telescope.csv", target="Class", known=(COPIES,)),
    KnownSet(file="marketing_campaign.csv", target="Response", known=ids("ID")),
    KnownSet(
        file="mice_protein.csv",
        target="class",
        is_clean=False,
        known=(Known(code="D018", column="MouseID", severity="warn", is_aim=True),),
    ),
    KnownSet(file="online_shoppers.csv", target="Revenue", known=(COPIES,), true_codes=("D017",)),
    KnownSet(
        file="parkinsons_telemonitoring.csv",
        target="total_UPDRS",
        is_clean=False,
        known=(
            Known(code="D018", column="subject#", severity="warn"),
            Known(code="", column="motor_UPDRS", severity="warn", is_aim=True),
        ),
    ),
    KnownSet(file="penguins.csv", target="species"),
    KnownSet(file="stroke.csv", target="stroke", known=ids("id")),
    KnownSet(
        file="taxis.csv",
        target="fare",
        is_clean=False,
        known=(Known(code="D041", column="total", severity="warn"),),
    ),
    KnownSet(file="telco_churn.csv", target="Churn", known=ids("customerID")),
    KnownSet(file="titanic.csv", target="Survived", known=ids("PassengerId")),
    KnownSet(file="used_cars.csv", target="Selling_Price", known=(COPIES,)),
    KnownSet(
        file="wine_quality.csv",
        target="quality",
        known=(COPIES, Known(code="D031", severity="warn")),
    ),
)
