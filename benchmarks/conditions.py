"""Does a model that is told the label draw that digit, and what are the labels worth in nats?

Trains two models of MNIST that differ in `condition` alone, and reports

1. of 100 means of p(x|z, label) with z ~ p(z), for each label, how many a classifier takes for it:
   scikit-learn's MLPClassifier, trained on the gray training images, which never sees a VAE; the
   same of draws x ~ p(x|z, label), and of means with z ~ q(z|x) of test images of that label:
   where these are right and those are not, the prior has mass that no example fills;
2. ELBO of the conditional model less that of the other, image by image of the test split, with
   its standard error. Two exact models of the data differ by I(x; label) <= H(label) in log p(x);
   bounds differ by more where latents are few, because the label carries what they cannot.

Usage: python benchmarks/conditions.py [path of mnist.npz] [LATENT] [EPOCHS] [NETWORK]
"""

import sys
import tempfile
from pathlib import Path

import numpy as np
from sklearn.neural_network import MLPClassifier

from keras_vae import Config, load_data
from keras_vae.conditions import encode_conditions
from keras_vae.data import conditions_of, with_conditions
from keras_vae.evidence import posterior_terms
from keras_vae.measures import standard_error
from keras_vae.training import train

COUNT = 100  # of each label


def classifier(dataset):
    """A judge of gray images; its accuracy on the test split bounds what it can say."""
    flat = dataset.train.x.reshape(len(dataset.train), -1)
    judge = MLPClassifier((512,), batch_size=256, max_iter=10, random_state=0)
    with np.errstate(all="ignore"):
        judge.fit(flat, dataset.train.labels)
    test = dataset.test.x.reshape(len(dataset.test), -1)
    print(f"classifier: {judge.score(test, dataset.test.labels):.2%} of test images")
    return judge


def trained(dataset, latent, epochs, network):
    config = Config(
        data=dataset.name, latent=latent, epochs=epochs, network=network, likelihood="bernoulli",
        binarize="dynamic",
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        training = train(config, dataset, Path(folder))
    last = {name: values[-1] for name, values in training.history.items()}
    print(f"trained {epochs} epochs in {training.seconds:.0f} s: val_elbo {last['val_elbo']:.2f}")
    return training.vae


def judged(judge, vae, dataset):
    test = dataset.seen("test")
    z_mean, z_log_var = vae.encode(test.given)
    noise = np.random.default_rng(0).standard_normal(z_mean.shape)
    z = z_mean + np.exp(z_log_var / 2) * noise  # z ~ q(z|x)
    totals = np.zeros(3, int)
    print(f"taken for the label, of {COUNT}: means, draws, means with z of test images")
    for label, name in enumerate(dataset.conditions[0].classes):
        told = encode_conditions(dataset.conditions, {"label": [name]})[0]
        of_label = z[test.labels == label][:COUNT].astype("float32")
        images = (
            vae.generate(COUNT, 0, told),
            vae.sample(COUNT, 0, told),
            vae.decode(of_label, condition=told),
        )
        right = [int((judge.predict(x.reshape(len(x), -1)) == label).sum()) for x in images]
        totals += right
        print(f"  label={name}: {right[0]}, {right[1]}, {right[2]}", flush=True)
    print(f"  all: {totals / (COUNT * len(dataset.conditions[0].classes))}")


def main(data="mnist", latent="2", epochs="10", network="mlp"):
    dataset = load_data(data).as_binarized("dynamic")
    told = with_conditions(dataset, conditions_of(dataset, Config(condition=("labels",))))
    judge = classifier(dataset)
    vae = trained(told, int(latent), int(epochs), network)
    judged(judge, vae, told)
    elbos = []
    for model, given in (
        (vae, told),
        (trained(dataset, int(latent), int(epochs), network), dataset),
    ):
        distortion, rate = posterior_terms(model, given.given("test"), samples=10)
        elbos.append(-(distortion + rate))
        print(f"elbo {elbos[-1].mean():.2f} ± {standard_error(elbos[-1]):.2f}")
    difference = elbos[0] - elbos[1]
    shares = np.bincount(dataset.test.labels) / len(dataset.test)
    entropy = -np.sum(shares * np.log(shares))
    print(
        f"conditional less unconditional elbo: {difference.mean():.3f} ± "
        f"{standard_error(difference):.3f} nats, paired; H(label) {entropy:.3f}"
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
