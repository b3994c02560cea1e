"""One record per family of networks, simplest first, the user's own last."""

from __future__ import annotations

from autorecipe.choices import FamilyName
from autorecipe.config import Modality
from autorecipe.families import (
    convnet,
    custom,
    dcn,
    dense_convnet,
    dilated_convnet,
    fast_convnet,
    ft_transformer,
    inception_convnet,
    inverted_residual,
    linear,
    mlp,
    modern_nca,
    pretrained,
    realmlp,
    realmlp_s,
    residual_convnet,
    residual_mlp,
    separable_convnet,
    tabm,
    tabm_mini,
    vgg,
    wide_residual,
)
from autorecipe.families.family import Family
from autorecipe.families.images import NOT_READ

FAMILIES: tuple[Family, ...] = (
    linear.FAMILY,
    mlp.FAMILY,
    residual_mlp.FAMILY,
    dcn.FAMILY,
    realmlp_s.FAMILY,
    realmlp.FAMILY,
    tabm_mini.FAMILY,
    tabm.FAMILY,
    modern_nca.FAMILY,
    ft_transformer.FAMILY,
    convnet.FAMILY,
    vgg.FAMILY,
    residual_convnet.FAMILY,
    wide_residual.FAMILY,
    separable_convnet.FAMILY,
    inverted_residual.FAMILY,
    dense_convnet.FAMILY,
    dilated_convnet.FAMILY,
    inception_convnet.FAMILY,
    fast_convnet.FAMILY,
    pretrained.FAMILY,
    custom.FAMILY,
)


def modality_of(family: Family, modality: Modality) -> Modality:
    """Return what the rows of a family's networks are: those of a user's architecture are the run's own.

    Parameters
    ----------
    modality : str
        Of the run.
    """
    return modality if family.name == "custom" else family.modality


def unread_fields(family: Family, modality: Modality) -> tuple[str, ...]:
    """Return the fields of the recipe that a family's networks do not read, a user's on images those of tables too."""
    of_tables = NOT_READ if family.name == "custom" and modality == "image" else ()
    return (*family.ignores, *of_tables)


def family_named(name: FamilyName) -> Family:
    """Return the record called `name`."""
    return next(f for f in FAMILIES if f.name == name)
