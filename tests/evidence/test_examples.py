import numpy as np
import pandas
import pytest
import tensorflow as tf

import keras_vae as kv
from keras_vae import VAE, DataError, evidence
from keras_vae.data import as_dataset
from keras_vae.evidence import dataset_for, examples_for

FUNCTIONS = {
    "importance_weighted_bound": lambda vae, x: evidence.importance_weighted_bound(vae, x, 20),
    "exact_evidence": evidence.exact_evidence,
    "evidence_identity": evidence.evidence_identity,
    "elbo_by_quadrature": evidence.elbo_by_quadrature,
    "posterior_kl": lambda vae, x: evidence.posterior_kl(vae, x, [0.0, 0.0, 0.0]),
    "posterior_grid": lambda vae, x: evidence.posterior_grid(
        vae, x.iloc[0] if isinstance(x, pandas.DataFrame) else x[0]
    ),
    "posterior_terms": lambda vae, x: evidence.posterior_terms(vae, x, 2),
    "annealed_evidence": lambda vae, x: evidence.annealed_evidence(vae, x, 2, 2, 1),
    "inference_gaps": lambda vae, x: evidence.inference_gaps(
        vae, x, [0.0, 0.0, 0.0], 2, 2, 0.01, 4
    ),
    "evaluate": lambda vae, x: kv.evaluate(vae, x, samples=2),
    "independent_log_evidence": lambda vae, x: kv.evaluation.independent_log_evidence(
        vae.likelihood, x
    ),
}


def numbers(outcome):
    values = vars(outcome).values() if hasattr(outcome, "__dict__") else outcome
    return [value for value in values if isinstance(value, (np.ndarray, float))]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_each_function_gives_for_a_table_of_any_dtype_what_it_gives_for_float32(linear, name):
    model = linear([2.0, 1.0])
    x = model.draw(3)
    expected = numbers(FUNCTIONS[name](model.vae, x))
    found = numbers(FUNCTIONS[name](model.vae, pandas.DataFrame(x.astype("float64"))))
    assert len(found) == len(expected) > 0
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6)


@pytest.mark.parametrize("container", [np.ndarray.tolist, pandas.DataFrame, tf.constant])
def test_any_container_becomes_a_float32_array(small_vae, binary_x, container):
    x = examples_for(small_vae(), container(binary_x))
    assert (type(x), x.dtype) == (np.ndarray, "float32")
    np.testing.assert_array_equal(x, binary_x)


def test_another_shape_is_one_line_with_both(small_vae):
    with pytest.raises(DataError, match=r"x has shape \(3, 5\), the model takes \(N, 6\)"):
        examples_for(small_vae(), np.zeros((3, 5)))


@pytest.mark.parametrize("value", [np.nan, 255])
def test_there_is_no_evidence_of_values_without_meaning(small_vae, binary_x, value):
    x = binary_x.copy()
    x[3, 2] = value
    for name in ("importance_weighted_bound", "exact_evidence", "posterior_terms"):
        with pytest.raises(DataError, match=r"x holds 1 NaN value|describes values in \[0, 1\]"):
            FUNCTIONS[name](small_vae(), x)


def test_a_binarisation_that_is_not_asked_for_is_that_of_the_data_or_of_the_training(
    small_vae, binary_x
):
    vae, dataset = small_vae(), as_dataset(binary_x)

    def binarization(vae, data, *asked):
        return dataset_for(vae, data, *asked).binarization

    assert binarization(vae, dataset) == "none"
    vae.protocol = {"data": "made", "binarize": "static"}
    assert binarization(vae, dataset) == binarization(vae, binary_x) == "static"
    assert binarization(vae, dataset.as_binarized("threshold")) == "threshold"
    assert binarization(vae, dataset.as_binarized("threshold"), "none") == "none"
    assert binarization(VAE.from_config(vae.get_config()), dataset) == "static"
