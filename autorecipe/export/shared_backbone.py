"""Networks with heads of their own on one frozen backbone: what it makes of an image is computed once for all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import keras

from autorecipe.export.serving import WeightedMean
from autorecipe.families.pretrained import backbone_never_trains
from autorecipe.recipe import Recipe
from autorecipe.training.trunks.pretrained import FEATURE_SCALE


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Member:
    """A network of the final model, its recipe, and its share in the mean."""

    network: keras.Model
    recipe: Recipe
    share: float


def on_shared_backbones(members: Sequence[Member]) -> tuple[list[keras.Model], list[float]]:
    """Return the networks and their shares, those on one frozen backbone joined into one network.

    The mean stays what it was: a joined network gives the mean of its heads, and has the sum of their shares.

    Parameters
    ----------
    members : sequence of Member
        Networks from {"pixels": ...} to probabilities, or to the target's unit.
    """
    networks: list[keras.Model] = []
    shares: list[float] = []
    for group in _groups(members):
        networks.append(_joined(group) if len(group) > 1 else group[0].network)
        shares.append(sum(member.share for member in group))
    return networks, shares


def _groups(members: Sequence[Member]) -> list[list[Member]]:
    """Return the members in groups that share a backbone, in the order of the first of each."""
    groups: dict[object, list[Member]] = {}
    for place, member in enumerate(members):
        can_share = backbone_never_trains(member.recipe) and member.recipe.test_time == "none"
        groups.setdefault(member.recipe.backbone if can_share else place, []).append(member)
    return list(groups.values())


def _joined(group: list[Member]) -> keras.Model:
    features = group[0].network.get_layer(FEATURE_SCALE).input
    heads = [keras.Model(m.network.get_layer(FEATURE_SCALE).input, m.network.output, name="head") for m in group]
    whole = sum(member.share for member in group)
    mean = WeightedMean(heads, [member.share / whole for member in group], name="heads")(features)
    return keras.Model(group[0].network.input, mean, name="heads_on_one_backbone")
