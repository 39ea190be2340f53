import numpy as np
import pytest

from keras_vae.networks import conv_decoder, conv_encoder, mlp_decoder, mlp_encoder
from keras_vae.networks.named_inputs import named_inputs

SHAPE = (4, 4, 1)
ENCODERS = [(mlp_encoder, (8,)), (conv_encoder, (2,))]
DECODERS = [(mlp_decoder, (8,)), (conv_decoder, (2,))]
RNG = np.random.default_rng(0)
X = RNG.random((3, *SHAPE), "float32")
MASK = np.float32(RNG.random((3, *SHAPE)) < 0.5)
CONDITION = RNG.random((3, 2), "float32")


@pytest.mark.parametrize(("encoder", "hidden"), ENCODERS)
def test_an_encoder_takes_x_alone_or_by_name_what_it_is_told_besides(encoder, hidden):
    assert named_inputs(encoder(SHAPE, 2, hidden)) is None
    told = encoder(SHAPE, 2, hidden, condition_shape=(2,), has_mask=True)
    assert named_inputs(told) == {
        "x": (None, *SHAPE), "mask": (None, *SHAPE), "condition": (None, 2),
    }  # fmt: skip


@pytest.mark.parametrize(("encoder", "hidden"), ENCODERS)
@pytest.mark.parametrize("part", ["mask", "condition"])
def test_what_an_encoder_is_told_changes_what_it_puts_out(encoder, hidden, part):
    told = encoder(SHAPE, 2, hidden, condition_shape=(2,), has_mask=True)
    given = {"x": X, "mask": MASK, "condition": CONDITION}
    before = told(given)[0].numpy()
    after = told({**given, part: 1 - given[part]})[0].numpy()
    assert (np.abs(after - before).max(axis=1) > 1e-6).all()


@pytest.mark.parametrize(("decoder", "hidden"), DECODERS)
def test_a_decoder_sees_the_condition_beside_z(decoder, hidden):
    told = decoder(SHAPE, 2, hidden, condition_shape=(2,))
    assert named_inputs(told) == {"z": (None, 2), "condition": (None, 2)}
    z = RNG.normal(size=(3, 2)).astype("float32")
    before = told({"z": z, "condition": CONDITION}).numpy()
    after = told({"z": z, "condition": 1 - CONDITION}).numpy()
    assert (np.abs(after - before).reshape(3, -1).max(axis=1) > 1e-6).all()


@pytest.mark.parametrize(("decoder", "hidden"), DECODERS)
def test_a_decoder_puts_out_several_parameters_by_name_each_with_its_own_start(decoder, hidden):
    shapes = {"mean": SHAPE, "log_scale": SHAPE}
    bias = {name: RNG.normal(size=SHAPE).astype("float32") for name in shapes}
    model = decoder(shapes, 2, hidden, output_bias=bias)
    at_zero, elsewhere = model(np.float32([[0, 0], [1, 2]])), model(np.float32([[1, 2]]))
    for name in shapes:
        np.testing.assert_array_equal(at_zero[name][0], bias[name])
    moved = [elsewhere[name][0] - bias[name] for name in shapes]
    assert np.abs(moved[0] - moved[1]).max() > 1e-6  # by weights of their own
