from keras_vae.networks import GatedDense, gated_mlp_decoder, gated_mlp_encoder


def units(model):
    return [layer.units for layer in model.layers if isinstance(layer, GatedDense)]


def test_the_networks_are_those_of_the_mlp_with_gated_layers():
    encoder, decoder = gated_mlp_encoder((4, 3), 2), gated_mlp_decoder((4, 3), 2)
    assert units(encoder) == units(decoder) == [300, 300]
    assert [output.shape for output in encoder.outputs] == [(None, 2), (None, 2)]
    assert decoder.output.shape == (None, 4, 3)
    assert units(gated_mlp_encoder((4,), 2, (8, 6))) == [8, 6]
    assert units(gated_mlp_decoder((4,), 2, (8, 6), linear_path=True)) == [6, 8]
