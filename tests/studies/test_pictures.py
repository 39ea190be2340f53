from pathlib import Path

import numpy as np
import pytest

from keras_vae import Config
from keras_vae.studies import pictures
from keras_vae.studies.plan import plan_of
from keras_vae.studies.swept import Row, Sweep


def sweep_of(folder, vary):
    plan = plan_of(Config(data="digits"), vary, seeds=2)
    rows = []
    for place, chosen in enumerate(plan.configurations):
        figures = {
            name: ({"mean": start + place, "standard_error": 0.5}, {"mean": start + place + 1,
                   "standard_error": 0.5})
            for name, start in (("elbo", -90), ("rate", 5), ("distortion", 80),
                                ("log_evidence", -85))
        }  # fmt: skip
        names = tuple(plan.of_configuration(chosen))
        rows.append(Row(chosen, names, (0, 1), figures, (2, 2), 2))
    return Sweep(folder, plan, tuple(rows), {}, (), "digits")


@pytest.mark.parametrize(
    ("vary", "names", "curves"),
    [
        ({"beta": [0.5, 2.0], "latent": [2, 8]}, ["0.5", "0.5", "2", "2"],
         ["latent 2", "latent 8"] * 2),
        ({"latent": [2, 8, 4], "network": ["mlp"]}, ["2", "8", "4"], ["network mlp"] * 3),
        ({}, [""], [""]),
    ],
)  # fmt: skip
def test_a_curve_goes_along_beta_or_the_option_of_most_values(
    vary, names, curves, tmp_path, monkeypatch
):
    given = {}
    for name in ("rate_distortion", "bound_by_configuration"):
        draw = getattr(pictures, name)
        monkeypatch.setattr(
            pictures, name,
            lambda *values, name=name, draw=draw: given.update({name: values}) or draw(*values),
        )  # fmt: skip
    paths = pictures.draw_sweep(sweep_of(tmp_path, vary))
    assert [path.name for path in paths] == ["rate_distortion.png", "log_evidence.png"]
    assert all(Path(path).read_bytes().startswith(b"\x89PNG") for path in paths)
    rates, distortions, got_names, got_curves, spreads, *_ = given["rate_distortion"]
    assert rates == [5.5 + place for place in range(len(names))]
    assert distortions == [80.5 + place for place in range(len(names))]
    assert (got_names, got_curves) == (names, curves)
    assert spreads == pytest.approx([np.std([0, 1], ddof=1)] * len(names))
    assert given["bound_by_configuration"][1][0].tolist() == [-85, -84]
