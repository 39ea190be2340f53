#!/bin/sh
# pixyz's sample_mean gives the variance once a variable of the distribution is renamed.
#
# Versions:  pixyz 0.3.3, torch 2.13.0 (CPU), numpy 2.4.6; Python 3.11, Linux on x86-64, CPU
# Guess: `replace_var` renames variables, so that one network serves twice, as q(z|x) and q(z|y) or
# q(w|x). `sample_mean` gives the mean, as before.
# Behaviour: For the distribution as it was written, `sample_mean` is the mean; for the renamed one,
# and for any that is made of others and has one variable, it is the variance. The shape is the
# same: codes of a test set become those of their noise. `sample(sample_mean=True)` gives the mean
# in both.
# Seen:
#   N(5, 0.1^2), as written: sample_mean 5.00, sample_variance 0.01; mean of 10000 draws 5.00
#   x renamed: sample_mean 0.01, sample_variance 0.01; mean of 10000 draws 5.00
#   z renamed: sample_mean 0.01, sample_variance 0.01; mean of 10000 draws 5.00
#
# Exit code 0: it still behaves so. 1: it does not. 2: the packages could not be installed.
# VENV=FOLDER keeps the environment there, for another run.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
venv=${VENV:-$folder/venv}
python3 -m venv "$venv"
"$venv/bin/pip" install -q torch==2.13.0 pixyz==0.3.3 numpy==2.4.6 || exit 2
cd "$folder"
"$venv/bin/python" -W ignore - <<'END'
import torch
from pixyz.distributions import Normal

torch.set_num_threads(1)
torch.manual_seed(0)


class Encoder(Normal):
    """q(z|x) = N(x + 5, 0.1^2)."""

    def __init__(self):
        super().__init__(cond_var=["x"], var=["z"], name="q")

    def forward(self, x):
        return {"loc": x + 5, "scale": torch.full_like(x, 0.1)}


x = torch.zeros(10_000, 1)
q = Encoder()
found = {}
for name, renamed, given, drawn in (
    ("N(5, 0.1^2), as written", q, "x", "z"),
    ("x renamed", q.replace_var(x="y"), "y", "z"),
    ("z renamed", q.replace_var(z="w"), "x", "w"),
):
    found[name] = mean, variance, sampled, draws = [
        float(values.mean())
        for values in (
            renamed.sample_mean({given: x}),
            renamed.sample_variance({given: x}),
            renamed.sample({given: x}, sample_mean=True)[drawn],
            renamed.sample({given: x})[drawn],
        )
    ]
    print(f"{name}: sample_mean {mean:.2f}, sample_variance {variance:.2f}; mean of 10000 draws "
          f"{draws:.2f}")
for name, (mean, variance, sampled, draws) in found.items():
    assert abs(variance - 0.01) < 1e-5 and abs(sampled - 5) < 1e-5 and abs(draws - 5) < 0.01
    assert abs(mean - (0.01 if "renamed" in name else 5)) < 1e-5
END
