"""A VAE from your own encoder and decoder, used as any Keras model.

Usage: python examples/own_networks.py [epochs]
"""

import sys

import keras
from keras import layers

import keras_vae as kv

epochs = int(sys.argv[1]) if len(sys.argv) > 1 else 30
data = kv.load_data("digits")  # 8x8 images in [0, 1]
x_train = kv.data.binarize(data.train.x, "static", "train")
x_validation = kv.data.binarize(data.validation.x, "static", "validation")

# x -> (z_mean, z_log_var); z_log_var is the log of the VARIANCE
x = keras.Input((8, 8))
h = layers.Dense(128, activation="tanh")(layers.Flatten()(x))
encoder = keras.Model(x, [layers.Dense(3)(h), layers.Dense(3)(h)])

# z -> logits, no activation at the end
z = keras.Input((3,))
h = layers.Dense(128, activation="tanh")(z)
decoder = keras.Model(z, layers.Reshape((8, 8))(layers.Dense(64)(h)))

vae = kv.VAE(encoder, decoder, likelihood="bernoulli")
vae.compile("adam")
history = vae.fit(x_train, validation_data=x_validation, epochs=epochs, batch_size=32, verbose=2)

print(kv.evaluate(vae, data, "static"))
print(kv.draw(vae, data, "own_networks_plots", "static", history.history))
vae.save("own_networks.keras")
