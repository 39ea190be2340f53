#!/bin/sh
# hyperimpute fills every gap with the mean of its column where pandas is 3, and says nothing.
#
# Versions:  hyperimpute 0.1.17 with pandas 3.1.1, and with 2.3.3; scikit-learn 1.6.1, numpy 2.3.5,
# torch 2.13.0; Python 3.11, Linux on x86-64, CPU
# Guess: the imputers of a package whose metadata let pip install pandas 3 work with it, or fail.
# Behaviour: The plugins ice, missforest and hyperimpute begin with column means, fit their models,
# and write what these predict through a chained assignment. From pandas 3 on such a write goes to
# a copy: the means stay, to the last bit. There is a warning for each write, of the kind that
# Python programs often silence; no error, no gap is left, and the time for the models is taken.
# A comparison with hyperimpute in a new environment is a comparison with column means.
# Seen:
#   root mean squared errors of 171 hidden cells
#   pandas 3.1.1: mean 1.2703, ice 1.2703, missforest 1.2703, hyperimpute 1.2703
#   pandas 2.3.3: mean 1.2703, ice 0.1453, missforest 0.1961, hyperimpute 0.1454
#
# Exit code 0: it still behaves so. 1: it does not. 2: the packages could not be installed.
# VENV=FOLDER keeps the environment there, for another run.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
venv=${VENV:-$folder/venv}
python3 -m venv "$venv"
cat > "$folder/errors.py" <<'END'
import sys
import warnings

import numpy as np
import pandas as pd

warnings.simplefilter("ignore")
from hyperimpute.plugins.imputers import Imputers

rng = np.random.default_rng(0)
x = rng.standard_normal((200, 1)) @ [[1, 2, -1, 0.5]] + 0.1 * rng.standard_normal((200, 4))
is_hidden = rng.random(x.shape) < 0.2
table = pd.DataFrame(x, columns=list("abcd")).mask(is_hidden)
errors = {}
for name in ("mean", "ice", "missforest", "hyperimpute"):
    seed = {} if name == "mean" else {"random_state": 0}
    filled = np.asarray(Imputers().get(name, **seed).fit_transform(table.copy()))
    assert not np.isnan(filled).any() and (filled[~is_hidden] == x[~is_hidden]).all()
    errors[name] = np.sqrt(((filled - x)[is_hidden] ** 2).mean())
print(f"pandas {pd.__version__}:", ", ".join(f"{n} {e:.4f}" for n, e in errors.items()))
print(is_hidden.sum(), "hidden cells")
mean = errors.pop("mean")
if sys.argv[1] == "means":
    assert all(error == mean for error in errors.values())
else:
    assert all(error < mean / 4 for error in errors.values())
END
for pandas in 3.1.1 2.3.3; do
  "$venv/bin/pip" install -q hyperimpute==0.1.17 pandas==$pandas scikit-learn==1.6.1 \
    numpy==2.3.5 torch==2.13.0 || exit 2
  case $pandas in 3.*) what=means ;; *) what=models ;; esac
  (cd "$folder" && "$venv/bin/python" errors.py $what 2> /dev/null)
done
