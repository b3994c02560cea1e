"""As a scikit-learn estimator, with test rows of your own; strings and missing cells go in as they are.

usage: python examples/fit_a_dataframe.py [TIME_LIMIT]
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
from sklearn.model_selection import train_test_split

from autorecipe import AutoRecipeRegressor

table = pd.read_csv(Path(__file__).parent / "data" / "diabetes.csv").drop_duplicates()
X, y = table.drop(columns="target"), table["target"]
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)

model = AutoRecipeRegressor(
    time_limit=sys.argv[1] if len(sys.argv) > 1 else "1m", preset="quick", ids=["patient"], verbose=0
)
model.fit(X_train, y_train)

print(model.predict(X_test)[:5])
for score in model.evaluate(X_test, y_test).scores:
    print(f"{score.metric:24}{score.value:10.3f}   95 % [{score.low:.3f}, {score.high:.3f}]")
