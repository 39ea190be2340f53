import numpy as np
import pandas as pd
import pytest

from keras_vae import Config, ConfigError, load_data
from keras_vae.distributions import (
    Bernoulli,
    Categorical,
    Columns,
    DiagonalGaussian,
    Gaussian,
    LogNormal,
    NegativeBinomial,
    Ordinal,
)
from keras_vae.training.build import build_vae
from keras_vae.training.families import column_features, likelihood_of

N = 60
KINDS = {
    "town": "categorical", "height": "real", "visits": "count", "income": "positive",
    "won": "binary", "born": "date", "size": "ordinal", "weight": "real", "job": "categorical",
}  # fmt: skip


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "town": rng.choice(["Ulm", "Bonn", "Kiel"], N),
            "height": rng.normal(170, 10, N).round(1),
            "visits": rng.poisson(20, N),
            "income": np.exp(rng.normal(10, 1, N)).round(2),
            "won": rng.choice(["yes", "no"], N),
            "born": pd.date_range("2000-01-01", periods=N),
            "size": rng.choice([1, 2, 3, 4], N),
            "weight": rng.normal(70, 10, N).round(1),
            "job": rng.choice(["a", "b", "c", "d", "e"], N),
        }
    )
    frame.loc[3:9, "height"] = np.nan
    return frame


@pytest.fixture(scope="module")
def dataset(frame):
    corrections = [{"name": name, "kind": kind} for name, kind in KINDS.items()]
    return load_data(frame, columns=corrections)


def test_each_kind_has_its_family_its_entries_and_its_classes(dataset):
    likelihood = likelihood_of(Config(data="people"), dataset)
    assert isinstance(likelihood, Columns)
    assert {name: type(part) for name, part in likelihood.parts.items()} == {
        "categorical": Categorical, "real": DiagonalGaussian, "count": NegativeBinomial,
        "positive": LogNormal, "binary": Bernoulli, "date": DiagonalGaussian, "ordinal": Ordinal,
    }  # fmt: skip
    assert likelihood.entries == {
        "categorical": (0, 8), "real": (1, 7), "count": (2,), "positive": (3,), "binary": (4,),
        "date": (5,), "ordinal": (6,),
    }  # fmt: skip
    assert tuple(likelihood.parts["categorical"].classes) == (3, 5)
    assert tuple(likelihood.parts["ordinal"].classes) == (4,)


def test_a_likelihood_that_is_named_is_taken_and_columns_needs_a_table(dataset):
    assert isinstance(
        likelihood_of(Config(data="people", likelihood="gaussian"), dataset), Gaussian
    )
    with pytest.raises(ConfigError, match="--likelihood columns is for tables, and digits has no"):
        likelihood_of(Config(data="digits", likelihood="columns"), load_data("digits"))


def test_the_encoder_sees_columns_by_mean_and_deviation_of_what_training_has_of_them(
    dataset, frame
):
    seen = column_features(dataset)
    assert seen.forms == (
        "one_hot", "identity", "log1p", "log", "identity", "identity", "identity", "identity",
        "one_hot",
    )  # fmt: skip
    assert seen.classes[0] == 3
    assert seen.classes[8] == 5
    train = frame.iloc[dataset.train.rows]
    for number, values in (
        (1, train["height"]),  # its gaps left out
        (2, np.log1p(train["visits"])),
        (3, np.log(train["income"])),
        (4, train["won"] == "yes"),
        (5, (train["born"] - pd.Timestamp(0)) / pd.Timedelta("1D")),
        (6, train["size"] - 1),
    ):
        values = values.to_numpy("float64")
        assert seen.center[number] == pytest.approx(np.nanmean(values), rel=1e-6)
        assert seen.scale[number] == pytest.approx(np.nanstd(values), rel=1e-5)
    x, mask = dataset.train.x, dataset.train.mask
    shown = np.asarray(seen([x, mask]))
    numbers = shown[:, :7]
    observed = mask[:, [1, 2, 3, 4, 5, 6, 7]]
    np.testing.assert_allclose((numbers * observed).sum(0) / observed.sum(0), 0, atol=2e-4)
    np.testing.assert_allclose((numbers**2 * observed).sum(0) / observed.sum(0), 1, atol=1e-3)


def test_a_column_that_never_changes_in_training_is_not_divided_by_0(frame):
    rows = frame.assign(part=["train"] * 40 + ["test"] * 20, flat=[5.0] * 40 + [6.0, 7.0] * 10)
    kept = rows[["height", "flat", "part"]]
    columns = [{"name": "flat", "kind": "real"}]
    seen = column_features(load_data(kept, columns=columns, split_column="part"))
    assert (seen.center[1], seen.scale[1]) == (5.0, 1.0)


def in_other_units(frame):
    """(frame with heights in feet and the logarithms of incomes, log |dy/dx| of its rows)."""
    other = frame.assign(height=frame["height"] / 30.48, income=np.log(frame["income"]))
    of_height = np.where(frame["height"].notna(), -np.log(30.48), 0.0)
    return other, of_height - np.log(frame["income"].to_numpy())


def test_the_nats_of_a_table_in_other_units_differ_by_the_jacobian(frame):
    """log p_x(x) = log p_y(y) + log |dy/dx|, y = f(x); of an untrained model, whose decoder starts
    at the same fit whatever the units."""
    other, log_jacobian = in_other_units(frame)
    elbos, rows = [], []
    for each, kind in ((frame, "positive"), (other, "real")):
        kinds = {**KINDS, "income": kind}
        dataset = load_data(each, columns=[{"name": n, "kind": k} for n, k in kinds.items()])
        vae = build_vae(Config(data="people", binarize="none", hidden=(8,)), dataset)
        for weights in (vae.decoder, vae.encoder):  # the order of columns among the heads differs
            for weight in weights.trainable_weights:
                if "kernel" in weight.path:
                    weight.assign(0 * weight)
        elbos.append(vae.terms(dataset.train.given, seed=0).elbo.numpy())
        rows.append(dataset.train.rows)
    np.testing.assert_array_equal(*rows)
    np.testing.assert_allclose(elbos[0], elbos[1] + log_jacobian[rows[0]], atol=0.01)
