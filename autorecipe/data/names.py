"""What a column's name says about its cells."""

from __future__ import annotations

import re
from typing import Literal

Meaning = Literal["quantity", "code", ""]


def word_set(text: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(text.split())


# Amounts, counts and grades: more means more, so no categories; choice.
_QUANTITY = word_set("""
    year years yr yrs age ages count counts cnt number num no n qty quantity size length width height
    depth weight area volume distance duration term tenure time times hour hours hr minute minutes second
    seconds day days month months mnth week weeks room rooms rms bedroom bedrooms bath baths bathrooms
    floor floors storey stories children kids persons people passengers dependents seats doors cylinders
    gears cars visits purchases clicks orders sales price prices cost amount total sum balance income
    salary revenue score scores points rating ratings rank level levels grade grades quality qual cond
    tier degree stage order percent pct rate ratio share mean avg average max min median population pop
    temp temperature temperatures rings speed power calls credits
""")
# These settle it wherever they stand: "number of types", "class size mean".
_COUNTING = word_set("number num no n count counts cnt qty quantity total sum mean avg average")
_CODE = word_set("""
    id code codes type types zone zip zipcode postcode postal class classes subclass category categories
    cat group cluster region district sector state country county city kind status sex gender race
    ethnicity color colour brand model browser system systems os platform channel source device season
    weekday dow weather weathersit store shop branch department dept product item subject patient user
    customer orientation direction origin species label
""")
_NUMBERING = word_set("number nr nbr no num")
_GLUED_CODE = re.compile(r"(?:class|code|type|zone|category)$")  # Pclass, zipcode, roomtype
_DIGIT_CODE = word_set("zip zipcode postcode postal plz code phone telephone tel mobile fax ssn iban account")
_KEY = word_set("id ids uuid guid uid key hash rowid index idx")
_GLUED_KEY = re.compile(
    r"^(?:user|customer|client|order|account|patient|employee|product|item|transaction|session|passenger|record|"
    r"row|case|loan|member|student|store|ticket|event|person)id$"
)
_DATE = word_set("date datetime time timestamp day dt dob birthday birthdate")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def words(name: str) -> tuple[str, ...]:
    """Split a name into lower-case words.

    >>> words("MSSubClass_2")
    ('ms', 'sub', 'class')
    """
    return tuple(word.lower() for word in _WORD.findall(name))


def meaning(name: str) -> Meaning:
    """Does the name speak of an amount or of a code?

    A code's word is the last one (MSSubClass, not ProductRelated), or the last before "number" (store_nbr).
    """
    found = words(name)
    head = found[:-1] if found[-1:] and found[-1] in _NUMBERING else found
    if head and head != found and head[-1] in _CODE:
        return "code"
    if _COUNTING.intersection(found):
        return "quantity"
    if found and (found[-1] in _CODE or _GLUED_CODE.search(found[-1])):
        return "code"
    return "quantity" if _QUANTITY.intersection(found) else ""


def is_numbering(name: str) -> bool:
    """Does the name speak of the number of a thing (invoice_number), rather than of how many?"""
    found = words(name)
    return len(found) > 1 and found[-1] in _NUMBERING


def is_key(name: str) -> bool:
    """Does the name speak of a key (PassengerId, customer_id, uuid)?"""
    return any(word in _KEY or _GLUED_KEY.match(word) for word in words(name))


def may_count_rows(name: str) -> bool:
    """May integers of this name be row numbers? A year or a rank may rise with the rows and mean more."""
    return not (_QUANTITY - _COUNTING).intersection(words(name))


def is_digit_code(name: str) -> bool:
    """Does the name speak of digits that are no number (zip code, phone number)?"""
    found = words(name)
    last = found[-2:-1] if is_numbering(name) else found[-1:]
    return any(word in _DIGIT_CODE or word.endswith("code") for word in last)


def is_date(name: str) -> bool:
    """Does the name speak of a point in time?"""
    return any(word in _DATE or word.endswith("date") for word in words(name))
