"""What always naming the commonest class would get: the number beside which an accuracy is read."""

from __future__ import annotations

from autorecipe.record.evaluation import Evaluation
from autorecipe.report.text_words import value_text


def beside_commonest(metric: str, known: Evaluation, classes: tuple[str, ...]) -> str:
    """Return what follows the words for an accuracy; "" after those for other metrics.

    Parameters
    ----------
    metric : str
        Whose words it follows.
    classes : tuple of str
        In the order of the confusion matrix.
    """
    if metric != "accuracy" or not known.confusion or len(known.confusion) != len(classes):
        return ""
    n_rows = tuple(sum(row) for row in known.confusion)
    if not sum(n_rows):
        return ""
    return f"; always '{classes[n_rows.index(max(n_rows))]}': {value_text(max(n_rows) / sum(n_rows))}"
