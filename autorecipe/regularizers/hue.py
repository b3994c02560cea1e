"""Turn the colours of images."""

from autorecipe.regularizers.regularizer import Regularizer, sees_colours, strength

REGULARIZER = Regularizer(
    name="hue",
    title="hue",
    strengths=(
        strength("moderate", "hue", 0.05, "hue up to 5 % of the circle"),
        strength("strong", "hue", 0.1, "hue up to 10 % of the circle"),
    ),
    suits=sees_colours,
    source="Chen et al. (2020), arXiv 2002.05709, appendix A (20 % at most); strengths: choice; recipe rule D8",
    presets=("thorough",),
)
