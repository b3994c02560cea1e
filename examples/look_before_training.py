"""Look at a table and stop there: nothing is trained and TensorFlow is not needed.

usage: python examples/look_before_training.py
"""

from __future__ import annotations

from pathlib import Path

from autorecipe.api import profile_table
from autorecipe.config import Config

run = profile_table(str(Path(__file__).parent / "data" / "diabetes.csv"), Config(target="target"))

print(run.schema.task, "because", run.schema.task_reason)
for finding in run.profile.findings:
    print(finding.code, finding.severity, finding.message, "|", finding.remedy)
