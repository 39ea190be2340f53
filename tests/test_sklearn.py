import re
from copy import copy
from pathlib import Path
from types import SimpleNamespace

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn import clone
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import estimator_checks
from sklearn.utils.estimator_checks import parametrize_with_checks

from keras_vae import ConfigError, DataError
from keras_vae import sklearn as of_sklearn
from keras_vae.data.tables import infer_schema
from keras_vae.sklearn import VAETransformer

pytestmark = pytest.mark.usefixtures("eager")

# In one step: none of these models need be a good one.
SMALL = {
    "latent": 2,
    "hidden": (4,),
    "epochs": 1,
    "batch_size": 100,
    "samples": 2,
    "random_state": 0,
}
NOISE = "the noise of score_samples belongs to the place of a row: others before it change it"
EXPECTED = {
    "check_methods_sample_order_invariance": NOISE,
    "check_methods_subset_invariance": NOISE,
}
# What scikit-learn's own transformers are held to besides.
MORE = (
    "check_dataframe_column_names_consistency",
    "check_transformer_get_feature_names_out",
    "check_transformer_get_feature_names_out_pandas",
)


@parametrize_with_checks(
    [VAETransformer(**SMALL)],
    expected_failed_checks=lambda estimator: EXPECTED,
    xfail_strict=True,
)
def test_it_passes_the_checks_of_scikit_learn_but_those_that_are_named(estimator, check):
    check(estimator)


@pytest.mark.parametrize("check", MORE)
def test_it_passes_the_checks_of_scikit_learns_own_transformers(check):
    getattr(estimator_checks, check)("VAETransformer", VAETransformer(**SMALL))


@pytest.mark.slow
def test_the_documentation_names_the_checks_that_fail_and_its_code_runs():
    text = (Path(__file__).parents[1] / "docs" / "sklearn.md").read_text()
    (code,) = re.findall(r"^```python\n(.*?)^```", text, re.M | re.S)
    code, changed = re.subn(
        r"epochs=100, batch_size=32", "epochs=1, samples=2, batch_size=200", code
    )
    assert changed == 1  # shorter here, the same otherwise
    names = {}
    exec(compile(code, "docs/sklearn.md", "exec"), names)
    assert names["z"].shape == (178, 2)
    assert list(names["wines"]) == list(names["X"])
    assert set(names["search"].best_params_) == {"latent"}
    assert "scores of\nrows in another order, or of one row alone" in text


@pytest.fixture(scope="module")
def table():
    """100 rows: a number, text, a count, with gaps, a constant and the number of the row."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "mass": rng.normal(4000, 500, 100).round(1),
            "number": [f"n{row}" for row in range(100)],
            "kind": rng.choice(["Adelie", "Gentoo", "Chinstrap"], 100),
            "eggs": rng.poisson(6, 100) * rng.integers(1, 4, 100),
            "planet": "Earth",
        }
    )
    table["mass"] = table["mass"].mask(rng.random(100) < 0.1)
    table["kind"] = table["kind"].mask(rng.random(100) < 0.1)
    return table


@pytest.fixture(scope="module")
def fitted(table):
    return VAETransformer(**SMALL).fit(table)


def test_a_table_has_the_kinds_and_the_model_that_keras_vae_gives_it(fitted, table):
    schema = infer_schema(table)
    assert fitted.schema_ == schema
    kinds = [column.kind for column in schema.columns]
    assert kinds == ["real", "identifier", "categorical", "count", "constant"]
    x, mask = schema.encode(table)
    given = {"x": x, "mask": mask}
    np.testing.assert_array_equal(fitted.transform(table), fitted.vae_.encode(given)[0])
    log_p, _ = fitted.vae_.log_likelihood(given, samples=2, seed=fitted.seed_)
    np.testing.assert_array_equal(fitted.score_samples(table), log_p)
    assert fitted.score(table) == pytest.approx(log_p.mean())
    assert list(fitted.feature_names_in_) == list(table)
    z = copy(fitted).set_output(transform="pandas").transform(table)
    assert list(z) == ["vaetransformer0", "vaetransformer1"]


def test_it_is_trained_as_train_does_but_on_all_rows_that_are_not_validated_on(table):
    fitted = VAETransformer(**{**SMALL, "batch_size": None}).fit(table[["eggs"]])
    options = fitted.vae_.protocol["options"]
    expected = {"latent": 2, "hidden": [4], "epochs": 1, "batch_size": 11, "likelihood": "columns"}
    assert {name: options[name] for name in expected} == expected
    assert options["seed"] == fitted.seed_
    assert len(fitted.history_["val_elbo"]) == 1
    for rows, held in ((100, 10), (25, 2), (4, 2)):
        splits = of_sklearn._held_out(rows)
        assert len(splits["validation"]) == held
        every = np.concatenate([splits["train"], splits["validation"]])
        assert sorted(every) == list(range(rows))


def test_decoded_latents_are_rows_of_the_table(fitted, table):
    z = fitted.transform(table)
    rows = fitted.inverse_transform(z)
    assert list(rows) == list(table)
    means = fitted.vae_.decode(z)  # mass, kind, eggs
    np.testing.assert_allclose(rows["mass"], means[:, 0], rtol=1e-6)
    names = np.array(["Adelie", "Chinstrap", "Gentoo"])
    assert rows["kind"].tolist() == names[means[:, 1].astype(int)].tolist()
    assert rows["eggs"].tolist() == np.round(means[:, 2]).tolist()
    assert rows["eggs"].dtype == table["eggs"].dtype
    assert set(rows["planet"]) == {"Earth"}
    assert rows["number"].isna().all()


def test_decoded_latents_are_an_array_where_the_columns_had_no_names():
    X = np.random.default_rng(1).normal(size=(40, 3)).astype("float32")
    X[:, 1] = 7
    X[3, 0] = np.nan
    vae = VAETransformer(**SMALL).fit(X)
    assert [column.kind for column in vae.schema_.columns] == ["real", "constant", "real"]
    z = vae.transform(X)
    assert z.dtype == "float32"
    decoded = vae.inverse_transform(z)
    assert decoded.shape == (40, 3)
    assert set(decoded[:, 1]) == {7}
    np.testing.assert_allclose(decoded[:, [0, 2]], vae.vae_.decode(z), rtol=1e-6)


def test_nats_are_those_of_the_values_as_given(table):
    """p(c x) = p(x) / c, of each value that is there."""
    metres = table[["mass"]].assign(width=np.random.default_rng(2).normal(size=100))
    feet = metres * [3.28, 100.0]
    scores = [VAETransformer(**SMALL).fit(X).score_samples(X) for X in (metres, feet)]
    jacobian = metres.notna() @ np.log([3.28, 100.0])
    np.testing.assert_allclose(scores[0] - scores[1], jacobian, atol=1e-3)


def test_the_latents_of_a_row_do_not_depend_on_the_rows_beside_it(fitted, table):
    """The part of the two checks of scikit-learn that fail which must hold."""
    z, order = fitted.transform(table), np.random.default_rng(3).permutation(100)
    np.testing.assert_allclose(fitted.transform(table.iloc[order]), z[order], atol=1e-5)
    np.testing.assert_allclose(fitted.transform(table[7:8]), z[7:8], atol=1e-5)
    many = copy(fitted).set_params(samples=200)
    _, error = many.vae_.log_likelihood(many._given(table), 200, many.seed_)
    moved = many.score_samples(table.iloc[order]) - many.score_samples(table)[order]
    assert (moved != 0).any()
    assert (np.abs(moved) < 5 * np.sqrt(2) * error[order] + 1e-4).mean() > 0.97


def test_a_search_scores_held_out_rows_of_a_pipeline(table):
    X = table[["mass", "eggs"]].fillna(4000)
    search = GridSearchCV(
        make_pipeline(StandardScaler(), VAETransformer(**SMALL)),
        {"vaetransformer__latent": [3]},
        cv=KFold(2),
        refit=False,
    ).fit(X)
    scores = []
    for train, test in KFold(2).split(X):
        scaler = StandardScaler().fit(X.iloc[train])
        vae = VAETransformer(**{**SMALL, "latent": 3}).fit(scaler.transform(X.iloc[train]))
        assert vae.transform(scaler.transform(X)).shape == (100, 3)
        scores.append(vae.score(scaler.transform(X.iloc[test])))
    assert search.cv_results_["mean_test_score"][0] == pytest.approx(np.mean(scores), rel=1e-6)


def test_a_fitted_model_is_the_same_when_it_is_read_back(fitted, table, tmp_path):
    joblib.dump(fitted, tmp_path / "vae.joblib")
    again = joblib.load(tmp_path / "vae.joblib")
    z = fitted.transform(table)
    np.testing.assert_array_equal(again.transform(table), z)
    np.testing.assert_array_equal(again.score_samples(table), fitted.score_samples(table))
    pd.testing.assert_frame_equal(again.inverse_transform(z), fitted.inverse_transform(z))
    assert again.schema_ == fitted.schema_
    assert again.vae_.protocol == fitted.vae_.protocol


def test_one_state_gives_one_model_and_leaves_the_callers_draws_alone(fitted, table):
    np.random.seed(5)
    expected = np.random.RandomState(5).random(2)
    first = np.random.random()
    again = VAETransformer(**SMALL).fit(table)
    assert [first, np.random.random()] == list(expected)
    np.testing.assert_array_equal(again.transform(table), fitted.transform(table))
    other = clone(fitted).set_params(random_state=np.random.RandomState(1)).fit(table)
    assert other.seed_ == np.random.RandomState(1).randint(2**31 - 1)
    assert (other.transform(table) != fitted.transform(table)).any()


def test_a_category_that_no_row_had_needs_a_schema_that_knows_it(table):
    is_gentoo = table["kind"] == "Gentoo"
    few, gentoo = table[~is_gentoo], table[is_gentoo]
    vae = VAETransformer(**SMALL, columns=[{"name": "eggs", "kind": "real"}]).fit(few)
    assert vae.schema_["eggs"].kind == "real"
    with pytest.raises(DataError, match=r"column 'kind'.*'Gentoo', which is not one of its 2"):
        vae.score(gentoo)
    vae = VAETransformer(**SMALL, columns=infer_schema(table)).fit(few)
    assert np.isfinite(vae.score_samples(gentoo)).all()


@pytest.mark.parametrize("method", ["transform", "inverse_transform", "score_samples", "score"])
def test_what_needs_a_fit_says_so(table, method):
    with pytest.raises(NotFittedError):
        getattr(VAETransformer(), method)(table)


def test_what_cannot_be_fitted_is_refused_in_one_line(table):
    whole = table.dropna()
    for options, X, words in (
        ({}, table[:3], "n_samples=3: expected at least 4 rows"),
        ({"latent": 0}, table, "latent=0: expected a whole number of at least 1"),
        ({"columns": [{"name": "kind", "kind": "condition"}]}, whole, "'kind' is a condition"),
        ({"columns": [{"name": "size", "kind": "real"}]}, table, "no column 'size'"),
        (
            {},
            table.set_axis(["mass"] * len(table.columns), axis=1),
            "two columns are called 'mass'",
        ),
        ({"likelihood": "poisson"}, table[["mass"]].fillna(0.5), "poisson"),
    ):
        with pytest.raises((ConfigError, DataError), match=words):
            VAETransformer(**{**SMALL, **options}).fit(X)


@pytest.mark.parametrize(
    ("ended", "raised"), [("interrupted", KeyboardInterrupt), ("diverged", ConvergenceWarning)]
)
def test_a_training_that_was_cut_short_is_not_taken_for_a_whole_one(
    table, ended, raised, monkeypatch
):
    training = SimpleNamespace(ended=ended, vae=None, history={})
    monkeypatch.setattr(of_sklearn, "train", lambda *arguments, **options: training)
    with pytest.raises(raised):  # warnings are errors here
        VAETransformer(**SMALL).fit(table)
