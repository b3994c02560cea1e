"""What the data is like: its columns, its target, what is missing together, and its images."""

from __future__ import annotations

from autorecipe.data.schema import Column
from autorecipe.listing import some_of
from autorecipe.metrics.metric import readable
from autorecipe.record.profile import ColumnProfile, Profile
from autorecipe.record.run import Run
from autorecipe.report.naming_rows import NAMING_KINDS
from autorecipe.report.page.cards import ColumnCard, Fact, FindingCard
from autorecipe.report.page.privacy import Privacy, evidence_text
from autorecipe.report.page.thumbnails import Thumbnails
from autorecipe.report.page.value import Block, Columns, Drawing, Facts, Findings, Group, Section, Table
from autorecipe.report.page.words import is_drawn, sentences
from autorecipe.report.text_image_profile import image_lines
from autorecipe.report.text_profile import profile_counts
from autorecipe.report.text_words import count_text, noun_of, share_text

MOST_DRAWN = 200  # columns in the page; a longer table is read by nobody, and the JSON twin has all of them
MOST_LEVELS = 5  # as many as the terminal lists
MOST_CLASSES = 20
MOST_GROUPS = 20
MOST_NAMES = 8  # columns named of a group
SIDE_FLAG = "--image-side"


def data_section(
    run: Run,
    cards: tuple[FindingCard, ...],
    privacy: Privacy,
    drawings: tuple[Drawing, ...],
    thumbnails: Thumbnails,
) -> Section:
    """Return what was found out about the training rows.

    Parameters
    ----------
    cards : tuple of FindingCard
        Those of the data.
    """
    profile = run.profile
    if profile is None:
        return Section(code="data", title="The data", lead="The data is being looked at.", blocks=())
    counts = profile_counts(profile).replace("  ", ", ")
    noun = noun_of(run)
    lead = f"{count_text(profile.n_rows, f'training {noun}')} were looked at, no others. Checks: {counts}."
    if run.schema.modality == "table":
        lead += " The kinds of columns were read from all rows."
    blocks: tuple[Block | None, ...] = (
        _image_facts(run),
        Findings(title="Findings", findings=cards, code="data-findings") if cards else None,
        None if is_drawn("target", drawings) else _target_block(run, profile),
        *drawings,
        _columns_block(run, profile, cards, privacy),
        _missing_block(profile, noun),
        _groups_block(profile),
        _pictures_block(run, profile, thumbnails),
    )
    return Section(code="data", title="The data", lead=lead, blocks=tuple(b for b in blocks if b is not None))


def _image_facts(run: Run) -> Facts | None:
    texts = [text.replace(SIDE_FLAG, "").split(maxsplit=1) for text in sentences(image_lines(run))]
    facts = tuple(
        Fact(label=label.capitalize(), text=" ".join(text.split()), flag=SIDE_FLAG if label == "input" else "")
        for label, text in texts
    )
    return Facts(title="The images", facts=facts) if facts else None


def _target_block(run: Run, profile: Profile) -> Block | None:
    target = next((c for c in profile.columns if c.name.strip() == run.schema.target.strip()), None)
    if target is None:
        return None
    if run.schema.task == "regression":
        text = _number_text(target) or "no numbers"
        return Facts(title="The target", facts=(Fact(label=target.name, text=text),), code="target")
    n_known = sum(n for _, n in target.top)
    shown = target.top[:MOST_CLASSES]
    rows = tuple((label, f"{n:,}", share_text(n / max(profile.n_rows, 1))) for label, n in shown)
    more = target.n_distinct - len(shown)
    rest = f"{count_text(more, 'class')} more, {profile.n_rows - n_known:,} of them"
    return Table(
        title=f"The target: {target.name}",
        header=("class", f"training {noun_of(run)}s", "share"),
        rows=rows,
        note=f"and {rest}" if more > 0 else "",
        code="target",
    )


def _columns_block(run: Run, profile: Profile, cards: tuple[FindingCard, ...], privacy: Privacy) -> Columns | None:
    if profile.images is not None:
        return None
    schema = {column.name: column for column in run.schema.columns}
    found: dict[str, list[tuple[str, str]]] = {}
    for card in cards:
        for name in card.names:
            found.setdefault(name, []).append((card.code, card.key))
    dropped = set(profile.dropped)
    columns = tuple(
        _column_card(c, schema.get(c.name), privacy, tuple(found.get(c.name, ())), is_dropped=c.name in dropped)
        for c in profile.columns
    )
    return Columns(
        title="Columns",
        columns=columns,
        score_title="R²" if run.schema.task == "regression" else "ROC AUC",
        note=_left_to_twin(len(columns)),
        code="columns",
    )


def _left_to_twin(n_columns: int) -> str:
    if n_columns <= MOST_DRAWN:
        return ""
    return f"The first {MOST_DRAWN} of {n_columns:,} columns are shown; report.json has all of them."


def _column_card(
    known: ColumnProfile,
    column: Column | None,
    privacy: Privacy,
    findings: tuple[tuple[str, str], ...],
    *,
    is_dropped: bool,
) -> ColumnCard:
    role = "left out" if is_dropped or (column and column.role == "dropped") else column.role if column else ""
    names_rows = known.kind in NAMING_KINDS or (known.kind != "numeric" and known.name in privacy.never)
    counts = () if names_rows else known.counts
    return ColumnCard(
        name=known.name,
        kind=known.kind,
        role="" if role == "feature" else role,
        evidence=evidence_text(column.reason, known.name, privacy) if column else "",
        missing_share=known.missing_share,
        n_distinct=known.n_distinct,
        statistics=_statistics(known, privacy),
        counts=counts,
        drawing=_drawing_text(known, counts),
        score=known.score,
        score_low=known.score_low,
        findings=findings,
    )


def _statistics(known: ColumnProfile, privacy: Privacy) -> str:
    if known.median is not None:
        return _number_text(known)
    if known.n_words is not None:
        return f"{known.n_words:.1f} words a cell"
    if privacy.may_show(known.name):
        return some_of(tuple(f"{level} ({n:,})" for level, n in known.top), MOST_LEVELS, n_all=known.n_distinct)
    return ""


def _number_text(known: ColumnProfile) -> str:
    parts = [f"median {readable(known.median)}" if known.median is not None else ""]
    if known.mean is not None and known.std is not None:
        parts.append(f"mean {readable(known.mean)}, deviation {readable(known.std)}")
    if known.low is not None and known.high is not None:
        parts.append(f"98 % from {readable(known.low)} to {readable(known.high)}")
    return "; ".join(part for part in parts if part)


def _drawing_text(known: ColumnProfile, counts: tuple[int, ...]) -> str:
    if not counts:
        return ""
    most = f"{max(counts):,} rows in the fullest"
    if known.low is not None and known.high is not None:
        return f"Rows in {len(counts)} bins from {readable(known.low)} to {readable(known.high)}, {most}"
    return f"Rows of the {len(counts)} most frequent levels, {most.replace('fullest', 'largest')}"


def _missing_block(profile: Profile, noun: str) -> Table | None:
    patterns = profile.missing_together
    if not patterns:
        return None
    rows = tuple((_named(p.columns), f"{p.n_rows:,}", share_text(p.n_rows / max(profile.n_rows, 1))) for p in patterns)
    header = ("missing, and nothing else", f"{noun}s", "share")
    return Table(title="Missing together", header=header, rows=rows, code="missing")


def _groups_block(profile: Profile) -> Table | None:
    if not profile.groups:
        return None
    shown = profile.groups[:MOST_GROUPS]
    more = len(profile.groups) - len(shown)
    return Table(
        title="Columns that say nearly the same",
        header=("columns", "how many", "|Spearman's rho| at least"),
        rows=tuple((_named(g.columns), f"{len(g.columns):,}", f"{g.strength:.3f}") for g in shown),
        note=f"and {count_text(more, 'group')} more" if more > 0 else "",
        code="groups",
    )


def _named(columns: tuple[str, ...]) -> str:
    return some_of(columns, MOST_NAMES)


def _pictures_block(run: Run, profile: Profile, thumbnails: Thumbnails) -> Group | None:
    pictures = profile.images.pictures if profile.images else ()
    drawn = thumbnails.of(pictures)
    return Group(title="Contact sheets", blocks=drawn, code="contact-sheets") if drawn else None
