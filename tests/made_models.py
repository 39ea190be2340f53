"""Models whose outputs are known in advance."""

import keras


def constant_encoder(z_mean, z_log_var, event_shape=(6,)):
    """An encoder that gives every example the same posterior."""
    x = keras.Input(event_shape)
    zero = keras.layers.Dense(1, kernel_initializer="zeros", trainable=False)(
        keras.layers.Flatten()(x)
    )
    heads = [
        keras.layers.Dense(
            len(value), kernel_initializer="zeros", bias_initializer=keras.initializers.Zeros()
        )
        for value in (z_mean, z_log_var)
    ]
    outputs = [head(zero) for head in heads]
    for head, value in zip(heads, (z_mean, z_log_var), strict=True):
        head.bias.assign(value)
    return keras.Model(x, outputs)
