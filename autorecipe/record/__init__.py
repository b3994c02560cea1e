"""The record of a run: frozen values of plain parts, from a finding to the whole run."""
