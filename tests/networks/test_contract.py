import keras
import pytest

from keras_vae.networks.contract import check_examples, check_latents, posterior_pair


def tensor(*shape, dtype="float32"):
    return keras.KerasTensor((None, *shape), dtype=dtype)


def test_a_pair_comes_back_as_float32():
    for outputs in ([tensor(3), tensor(3)], (tensor(3, dtype="float16"), tensor(3))):
        assert [part.dtype for part in posterior_pair(outputs)] == ["float32", "float32"]


@pytest.mark.parametrize(
    ("outputs", "received"),
    [
        (tensor(2), "got KerasTensor"),
        ([tensor(2)] * 3, "got 3 outputs"),
        ({"z_mean": tensor(2), "z_log_var": tensor(2)}, "got dict"),
    ],
)
def test_anything_else_than_a_pair_is_refused(outputs, received):
    with pytest.raises(ValueError, match="must put out the pair") as error:
        posterior_pair(outputs)
    assert received in str(error.value)


@pytest.mark.parametrize("shapes", [((2,), (3,)), ((4, 4, 2), (4, 4, 2)), ((), ())])
def test_a_pair_of_other_shapes_is_refused(shapes):
    with pytest.raises(ValueError, match=r"must both be \(batch, d\)"):
        posterior_pair([tensor(*shape) for shape in shapes])


def test_shapes_that_fit_pass_and_others_name_both_sides():
    check_latents((None, 2), (None, 2))
    check_examples((None, 8, 8), tensor(8, 8))
    with pytest.raises(ValueError, match=r"puts out 2 latents, the decoder takes \(3,\)"):
        check_latents((None, 2), (None, 3))
    with pytest.raises(ValueError, match=r"Reshape\(\(8, 8\)\)"):
        check_examples((None, 8, 8), tensor(64))
