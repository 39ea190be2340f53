import numpy as np

from keras_vae.explanations.questions.hypothesis import answer


def test_sums_differ_as_the_logs_of_the_posteriors_do(material, grid):
    numbers = answer(material).numbers
    joint = np.add(numbers["log_likelihood"], numbers["log_prior"])
    np.testing.assert_allclose(numbers["log_joint"], joint)
    posteriors = material.log_joint(np.array(numbers["z"])) - grid.log_evidence
    np.testing.assert_allclose(np.diff(numbers["log_joint"]), np.diff(posteriors), atol=1e-4)


def test_where_no_z_explains_more_than_another_it_says_so(of_collapsed, material):
    words = "hardly listens to z"
    assert any(words in paragraph for paragraph in answer(of_collapsed).paragraphs)
    assert not any(words in paragraph for paragraph in answer(material).paragraphs)
