"""The search of the remaining knobs: the space around a recipe, and Keras Tuner under a deadline."""
