"""The Keras layers we had to write, one per file, each usable alone."""
