"""The report as a page: one value, from which the HTML file and its twins in Markdown and JSON are written."""
