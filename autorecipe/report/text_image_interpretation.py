"""What the model looks at in images, and where it is wrong, in lines of text."""

from __future__ import annotations

from itertools import accumulate

from autorecipe.interpretation.record import ImageLook, ImageMistake, Interpretation, MistakeTrait
from autorecipe.listing import some_of
from autorecipe.report.text_words import Line, Lines, count_text, labelled, sentence_lines, value_text

MOST_SIGNS = 1_000  # of a sentence that names images: a page cuts longer texts, in the midst of a name; choice
INDENT = 12  # columns, so that what is said stands below each other
MOST_CONFUSIONS, MOST_MISTAKES, MOST_TRAITS = 3, 3, 2  # of a run; `whole` shows all
# words for a statistic that is larger, and that is smaller, in images that the model is wrong about
WORDS = {
    "brightness": ("brighter", "darker"),
    "contrast": ("of more contrast", "of less contrast"),
    "sharpness": ("sharper", "blurrier"),
    "entropy": ("busier", "plainer"),
    "size": ("larger", "smaller"),
    "elongation": ("longer in one direction", "squarer"),
}
UNITS = {
    "brightness": "",
    "contrast": "",
    "sharpness": "",
    "entropy": " bits",
    "size": " pixels",
    "elongation": "",
}


def image_interpretation_lines(known: Interpretation, look: ImageLook, *, whole: bool = False) -> Lines:
    """Write what pictures show, and where they are.

    Parameters
    ----------
    whole : bool
        All that is known, rather than the first of each.
    """
    networks = f", each by those of its {known.n_networks} networks that had not learned from it"
    who = networks if known.n_networks > 1 else " that its network had not learned from"
    head = f"What it looks at, {count_text(known.n_rows, 'image')}{who}"
    return (
        Line(head, "heading"),
        *_line("confused", _confusions_text(known, look, whole=whole)),
        *_line("mistakes", _mistakes_text(look.mistakes, whole=whole)),
        *_line("in common", _traits_text(look.traits, whole=whole)),
        *_line("attention", _attention_text(look)),
        *_line("look", _pictures_text(look)),
        *_skipped_lines(look),
    )


def _confusions_text(known: Interpretation, look: ImageLook, *, whole: bool) -> str:
    pairs = tuple(f"{c.truth} taken for {c.predicted} ({c.n:,} of {c.n_truth:,})" for c in look.confusions)
    shown = some_of(pairs, len(pairs) if whole else MOST_CONFUSIONS, between="; ")
    return f"{look.n_wrong:,} of {known.n_rows:,} are wrong: {shown}" if pairs else ""


def _mistakes_text(mistakes: tuple[ImageMistake, ...], *, whole: bool) -> str:
    texts = tuple(f"{m.name} is {m.truth}, predicted {m.predicted}{_sure_text(m)}" for m in mistakes)
    n_whole = sum(end <= MOST_SIGNS for end in accumulate(len(text) for text in texts))
    return some_of(texts, max(n_whole, 1) if whole else MOST_MISTAKES, between="; ")


def _sure_text(mistake: ImageMistake) -> str:
    return "" if mistake.probability is None else f" ({100 * mistake.probability:.0f} %)"


def _traits_text(traits: tuple[MistakeTrait, ...], *, whole: bool) -> str:
    shown = traits if whole else traits[:MOST_TRAITS]
    texts = [
        f"{WORDS[t.statistic][0 if t.z > 0 else 1]} than the others"
        f" ({t.statistic} {value_text(t.wrong)} in the median against {value_text(t.right)}{UNITS[t.statistic]})"
        for t in shown
    ]
    return f"what the model is wrong about is {'; and '.join(texts)}" if texts else ""


def _attention_text(look: ImageLook) -> str:
    if look.centre_share is None:
        return ""
    return (
        f"{100 * look.centre_share:.0f} % of the class activation of one network lies in the middle quarter of the"
        f" area, of {count_text(look.n_activations, 'image')}; evenly spread it were 25 %"
    )


def _pictures_text(look: ImageLook) -> str:
    folder = look.pictures[0][1].rpartition("/")[0] if look.pictures else ""
    files = ", ".join(path.removeprefix(f"{folder}/") for _, path in look.pictures)
    return f"{files} in {folder}/" if folder else files


def _skipped_lines(look: ImageLook) -> Lines:
    text = "; ".join(f"{title.lower()} ({reason})" for title, reason in look.skipped)
    return sentence_lines(f"not drawn: {text}", style="dim") if text else ()


def _line(label: str, text: str) -> Lines:
    return labelled(f"  {label}", text, indent=INDENT) if text else ()
