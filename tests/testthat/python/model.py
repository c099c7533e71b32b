"""A fitted pipeline of scikit-learn and its numbers beside it, by pickle and joblib.

usage: model.py FOLDER"""
import pickle
import sys
import warnings

import joblib
import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import Bunch

warnings.simplefilter("ignore")
data = np.arange(60.0).reshape(20, 3) ** 1.5
target = np.arange(20) % 2
scale = StandardScaler().fit(data)
line = LogisticRegression().fit(scale.transform(data), target)
trees = RandomForestClassifier(n_estimators=3, random_state=1).fit(data, target)
scores = [np.float64(0.5), np.float64(0.75)]
value = {
    "model": Pipeline([("scale", scale), ("fit", line), ("trees", trees)]),
    "mean": data.mean(axis=0), "coef": line.coef_,
    "data": Bunch(data=data, target=target, target_names=np.array(["no", "yes"])),
    "scores": scores, "scores_list": [float(score) for score in scores],
}
with open(sys.argv[1] + "/model.pkl", "wb") as file:
    pickle.dump(value, file, protocol=4)
joblib.dump(value, sys.argv[1] + "/model.joblib")
joblib.dump(value, sys.argv[1] + "/model_xz.joblib", compress=("xz", 3))
