"""Seed faults into copies of a real set of photos, and list which of them the checks of images catch.

Usage: AUTORECIPE_TEST_DATA=FOLDER python scripts/verify_image_checks.py [--per-class N] [NAME ...]

FOLDER holds `images/` with `flowers5.tar`, `brain_tumor_mri.tar` and `fashion_mnist_12k.npz`. Names choose the faults
whose name contains one of them. The exit code is 1 when a fault is missed, or a set without seeded faults stops.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import image_faults as seeds
import numpy as np
from image_faults import CLASS, FLIPPED, files

from autorecipe.config import Config
from autorecipe.intake import take_in
from autorecipe.profile.image_profile import profile_images
from autorecipe.record.finding import Finding, Severity
from autorecipe.record.profile import Profile

ENRICHED = 4.0  # times as many flipped labels among the images named as among all: far beyond chance at fifty names

Expected = Callable[[Profile, set[str]], str]
Seed = Callable[[Path, np.random.Generator], set[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A fault: how it is seeded (it returns the names of the files it touched), and what must be found."""

    name: str
    seed: Seed
    is_missed: Expected  # "" when caught, else what is missing


def found_of(profile: Profile, code: str) -> list[Finding]:
    return [finding for finding in profile.findings if finding.code == code]


def expect(code: str, severity: Severity, *words: str, names: float = 0.0) -> Expected:
    """Expect a finding of a severity whose message has these words, and which names such a share of what was seeded."""

    def is_missed(profile: Profile, touched: set[str]) -> str:
        found = [f for f in found_of(profile, code) if f.severity == severity]
        if not found:
            return f"no {severity} {code}"
        if not any(all(word in f.message for word in words) for f in found):
            return f"{code} does not say {' and '.join(words)}"
        named = {name for f in found for name in f.examples}
        if len(named & touched) < names * min(len(touched), 25):
            return f"{code} names {len(named & touched)} of {len(touched)}"
        return ""

    return is_missed


def expect_flips(profile: Profile, touched: set[str]) -> str:
    found = found_of(profile, "D113")
    if not found:
        return "no D113"
    named = found[0].examples
    share = sum(name in touched for name in named) / len(named)
    return "" if share >= ENRICHED * FLIPPED else f"{share:.0%} of those named were flipped"


def expect_no_stop(profile: Profile, touched: set[str]) -> str:
    return ", ".join(f"{f.severity} {f.code}" for f in profile.findings if f.severity == "stop")


FAULTS = (
    Fault(name="none", seed=seeds.nothing, is_missed=expect_no_stop),
    Fault(name="a class all PNG", seed=seeds.png_class, is_missed=expect("D114", "stop", CLASS, "format")),
    Fault(name="a class all grey", seed=seeds.grey_class, is_missed=expect("D114", "stop", CLASS, "mode")),
    Fault(name="a class twice as bright", seed=seeds.bright_class, is_missed=expect("D124", "warn", CLASS, "bright")),
    # of the 25 pairs that a finding names some are copies that the set had before
    Fault(name="5 % shared by train and test", seed=seeds.shared_files, is_missed=expect("D122", "stop", names=0.8)),
    Fault(name="5 % saved again in test", seed=seeds.saved_again, is_missed=expect("D122", "warn", names=0.8)),
    Fault(name="a paler test folder", seed=seeds.other_test, is_missed=expect("D116", "warn", "test", "contrast")),
    Fault(name="3 % flipped labels", seed=seeds.flipped_labels, is_missed=expect_flips),
    Fault(name="1 % copied to another class", seed=seeds.two_labels, is_missed=expect("D121", "warn", names=0.6)),
    Fault(name="10 truncated files", seed=seeds.truncated, is_missed=expect("D101", "warn", names=1.0)),
    Fault(name="8 % truncated files", seed=seeds.many_truncated, is_missed=expect("D101", "stop")),
    Fault(name="1 % blank images", seed=seeds.blank_images, is_missed=expect("D109", "warn", names=0.5)),
    Fault(name="2 % named .png", seed=seeds.wrong_endings, is_missed=expect("D102", "info", "called .png", names=0.5)),
    Fault(name="six views of each scene", seed=seeds.scenes, is_missed=expect("D125", "warn", "look alike")),
)


def profile_of(path: Path) -> Profile:
    config = Config()
    return profile_images(take_in(str(path), config), config, pictures=None)


def fashion(folder: Path, work: Path, *, flip: float) -> tuple[Path, set[str]]:
    """Write Fashion-MNIST's training images with a share of their labels flipped; the names of those."""
    arrays = np.load(folder / "images" / "fashion_mnist_12k.npz")
    labels, random = arrays["y_train"].astype(np.int64), np.random.default_rng(0)
    flipped = random.random(len(labels)) < flip
    labels[flipped] = (labels[flipped] + random.integers(1, 10, flipped.sum())) % 10
    path = work / f"fashion_{flip}.npz"
    np.savez(path, x_train=arrays["x_train"], y_train=labels)
    return path, {f"x_train[{row}]" for row in np.flatnonzero(flipped)}


def unpack(folder: Path, name: str, work: Path) -> Path:
    with tarfile.open(folder / "images" / f"{name}.tar") as archive:
        archive.extractall(work, filter="data")
    return work / name


def copy_some(source: Path, target: Path, per_class: int) -> None:
    for folder in sorted(path for path in source.iterdir() if path.is_dir()):
        (target / folder.name).mkdir(parents=True)
        for path in files(folder)[:per_class]:
            shutil.copy(path, target / folder.name / path.name)


def cases(folder: Path, work: Path, names: list[str], *, per_class: int) -> Iterator[tuple[str, Profile, str, float]]:
    """Yield each set with its fault: its name, its profile, what was missed, and the seconds it took."""

    def wanted(name: str) -> bool:
        return not names or any(part in name for part in names)

    flowers = unpack(folder, "flowers5", work)
    for fault in FAULTS:
        name = f"flowers5: {fault.name}"
        if wanted(name):
            root = work / "copy"
            copy_some(flowers, root, per_class)
            touched = fault.seed(root, np.random.default_rng(0))
            started = time.perf_counter()
            found = profile_of(root)
            yield name, found, fault.is_missed(found, touched), time.perf_counter() - started
            shutil.rmtree(root)
    for flip, expected in ((0.0, expect_no_stop), (FLIPPED, expect_flips)):
        name = f"fashion_mnist: {flip:.0%} flipped labels"
        if wanted(name):
            path, touched = fashion(folder, work, flip=flip)
            started = time.perf_counter()
            found = profile_of(path)
            yield name, found, expected(found, touched), time.perf_counter() - started
    name = "brain_tumor_mri: none"
    if wanted(name):
        root = unpack(folder, "brain_tumor_mri", work)
        started = time.perf_counter()
        found = profile_of(root)
        yield name, found, expect_no_stop(found, set()), time.perf_counter() - started


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("names", nargs="*", help="only faults whose name contains one of these")
    parser.add_argument("--per-class", type=int, default=10**6, help="images taken of each class of flowers5")
    parser.add_argument("--all", action="store_true", help="show every finding, notes too")
    options = parser.parse_args()
    folder = Path(os.environ["AUTORECIPE_TEST_DATA"])
    n_missed = 0
    print(f"{'set and fault':<45}{'stops':>6}{'warns':>6}{'notes':>6}{'s':>7}  caught")
    with tempfile.TemporaryDirectory() as work:
        for name, found, missed, seconds in cases(folder, Path(work), options.names, per_class=options.per_class):
            counts = [sum(f.severity == severity for f in found.findings) for severity in ("stop", "warn", "info")]
            numbers = "".join(f"{n:>6}" for n in counts)
            print(f"{name:<45}{numbers}{seconds:>7.1f}  {f'NO: {missed}' if missed else 'yes'}", flush=True)
            for finding in found.findings:
                if options.all or finding.severity != "info":
                    print(f"    {finding.severity:<5}{finding.code} {finding.message}")
            n_missed += bool(missed)
    print(f"{n_missed} missed")
    return 1 if n_missed else 0


if __name__ == "__main__":
    sys.exit(main())
