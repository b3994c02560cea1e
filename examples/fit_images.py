"""Images as an array, with test images of your own: handwritten digits of 8 x 8 pixels.

usage: python examples/fit_images.py [TIME_LIMIT]
   or: autorecipe fit FOLDER, where each class has a folder of files in it
"""

from __future__ import annotations

import sys

from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from autorecipe import AutoRecipeClassifier

digits = load_digits()
images = digits.images / 16  # (1797, 8, 8): grey needs no axis of channels, and pixels may be 0 to 1 or 0 to 255
X_train, X_test, y_train, y_test = train_test_split(images, digits.target, stratify=digits.target, random_state=0)

model = AutoRecipeClassifier(time_limit=sys.argv[1] if len(sys.argv) > 1 else "1m", preset="quick", verbose=0)
model.fit(X_train, y_train)

print("networks see", model.run_.profile.images.spec.reason)
print("predicted", model.predict(X_test[:10]), "of", y_test[:10])
for score in model.evaluate(X_test, y_test).scores:
    print(f"{score.metric:24}{score.value:10.3f}   95 % [{score.low:.3f}, {score.high:.3f}]")
