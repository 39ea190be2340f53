"""What a `keras_vae.VAE` answers to a diagnosis, and that it stays as it was."""

import functools

import keras
import numpy as np
import pytest
from keras import layers
from reference import bernoulli_log_prob, kl_from_standard_normal, normal_log_density

import keras_vae
from keras_vae import Config, load_data
from keras_vae.data import (
    binarize,
    conditions_of,
    examples_to_fit,
    from_arrays,
    with_conditions,
)
from keras_vae.diagnosis import entries_and_classes, examine, of_dataset, of_vae
from keras_vae.diagnosis.measurements import Measurements
from keras_vae.diagnosis.subjects.of_vae import left_as_it_was
from keras_vae.distributions import MixturePrior
from keras_vae.evaluation import log_evidence_without_z
from keras_vae.evidence import importance_weighted_bound
from keras_vae.networks import mlp_decoder, mlp_encoder

LIKELIHOODS = ("bernoulli", "continuous_bernoulli", "gaussian")


@pytest.fixture(scope="module")
def trained(small_vae, binary_x):
    """Makes a VAE that has been trained for a moment; read only, the same for the same options."""

    @functools.cache
    def make(**options):
        vae = small_vae(**options)
        vae.optimizer.learning_rate = 0.02
        vae.fit(binary_x, epochs=3, batch_size=25, verbose=0)
        return vae

    return make


@pytest.fixture(scope="module")
def moody_vae(binary_x):
    """A VAE with moving averages and dropout on both sides, trained for a moment; read only."""
    keras.utils.set_random_seed(0)
    x, z = keras.Input((6,)), keras.Input((2,))
    h = layers.Dropout(0.5, seed=1)(layers.BatchNormalization()(layers.Dense(8)(x)))
    encoder = keras.Model(x, [layers.Dense(2)(h), layers.Dense(2)(h)])
    h = layers.Dropout(0.5, seed=2)(layers.BatchNormalization()(layers.Dense(8)(z)))
    vae = keras_vae.VAE(encoder, keras.Model(z, layers.Dense(6)(h)), seed=0)
    vae.compile("adam", jit_compile=False)
    vae.fit(binary_x, epochs=2, batch_size=50, verbose=0)
    return vae


def state(vae):
    """All that a VAE remembers."""
    variables = [*vae.variables, *vae.optimizer.variables]
    return [keras.ops.convert_to_numpy(variable) for variable in variables]


def assert_same(first, second):
    for a, b in zip(first, second, strict=True):
        np.testing.assert_array_equal(a, b)


def differ(first, second):
    return any(not np.array_equal(a, b) for a, b in zip(first, second, strict=True))


# ---- the same terms --------------------------------------------------------------------


@pytest.mark.parametrize("likelihood", LIKELIHOODS)
def test_the_terms_are_those_of_the_vae(trained, binary_x, likelihood):
    vae = trained(likelihood=likelihood)
    m = Measurements(of_vae(vae, binary_x))
    terms = m.train_terms
    z_mean, z_log_var = vae.encode(terms.x)
    np.testing.assert_allclose(terms.z_mean, z_mean, rtol=1e-6)
    np.testing.assert_allclose(terms.rate, kl_from_standard_normal(z_mean, z_log_var), rtol=1e-5)
    parameters = vae.decoder(terms.z.astype("float32"))
    log_prob = vae.likelihood.log_prob(terms.x, parameters)
    np.testing.assert_allclose(terms.distortion, -log_prob, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(m.decoded_mean(terms.z), vae.decode(terms.z), atol=1e-4)


def test_the_training_code_is_asked_for_what_a_training_step_computes(trained, binary_x):
    vae = trained(beta=3.0, free_nats=0.9)
    logged = of_vae(vae, binary_x).loss_fn(binary_x[:80])
    noise = keras.random.SeedGenerator(0)  # its own, another draw in each batch
    terms = vae.terms(binary_x[:80], training=True, seed=noise)
    np.testing.assert_allclose(logged["distortion"], terms.distortion, rtol=1e-5)
    np.testing.assert_allclose(logged["rate"], terms.rate, rtol=1e-5)
    # loss = D + beta * max(R, free nats)
    loss = terms.distortion + 3.0 * np.maximum(terms.rate, 0.9)
    np.testing.assert_allclose(logged["loss"], loss, rtol=1e-5)


@pytest.mark.parametrize("likelihood", ["bernoulli", "gaussian"])
def test_right_training_code_is_found_right(trained, binary_x, likelihood):
    x = np.tile(binary_x, (2, 1))  # so that there are 50 in a batch
    reported = Measurements(of_vae(trained(likelihood=likelihood), x)).reported
    assert reported.rate_formula == "correct"
    assert reported.rate_scale == pytest.approx(1.0, rel=1e-4)
    error = reported.distortion_scale_error
    assert abs(reported.distortion_scale - 1) < 4 * error
    assert error < 0.05


def test_a_penalty_of_the_layers_is_no_part_of_the_terms_that_are_judged(binary_x):
    encoder = mlp_encoder((6,), 2, hidden=(8,))
    regularizer = keras.regularizers.L2(3.0)
    decoder = keras.Sequential(
        [layers.Input((2,)), layers.Dense(6, kernel_regularizer=regularizer)]
    )
    vae = keras_vae.VAE(encoder, decoder, beta=2.0, seed=0)
    vae.compile("adam", jit_compile=False)
    options = {"validation_data": (binary_x,), "verbose": 0}
    history = vae.fit(binary_x, epochs=2, **options).history
    subject = of_vae(vae, binary_x, history=history)
    assert min(history["penalty"]) > 1
    last = {name: values[-1] for name, values in subject.history.items()}
    for terms in (last, {name: last[f"val_{name}"] for name in ("loss", "distortion", "rate")}):
        np.testing.assert_allclose(
            terms["loss"], terms["distortion"] + 2 * terms["rate"], rtol=1e-5
        )
    logged = subject.loss_fn(binary_x)
    np.testing.assert_allclose(logged["loss"], logged["distortion"] + 2 * logged["rate"], rtol=1e-4)


def test_samples_are_draws_of_the_posterior(trained, binary_x):
    vae = trained()
    noise = Measurements(of_vae(vae, binary_x)).noise
    assert abs(noise.std - 1) < 4 * noise.std_standard_error
    assert abs(noise.call_correlation) < 4 * noise.correlation_standard_error
    assert abs(noise.row_correlation) < 4 * noise.correlation_standard_error


def test_the_bound_is_that_of_the_evidence(trained, binary_x):
    vae = trained()
    m = Measurements(of_vae(vae, binary_x))
    k, theirs, ours, *_ = m.reported_bound
    x = m.train[: len(theirs)]
    np.testing.assert_array_equal(theirs, importance_weighted_bound(vae, x, (k,)).bounds[0])
    gap = theirs - ours
    assert abs(gap.mean()) < 4 * gap.std() / np.sqrt(len(gap))
    assert gap.std() < 0.5


def test_generated_examples_are_decoded_draws_of_the_prior(trained, binary_x):
    vae = trained()
    generate = of_vae(vae, binary_x).generate
    first, second = generate(3000), generate(3000)
    assert first.shape == (3000, 6)
    assert differ([first], [second])
    own = vae.decode(np.random.default_rng(0).standard_normal((3000, 2)))
    error = np.sqrt(2 * own.var(axis=0) / 3000)
    assert np.all(np.abs(first.mean(axis=0) - own.mean(axis=0)) < 4 * error)


def test_training_mode_has_dropout_and_the_statistics_of_the_batch(moody_vae, binary_x):
    encode, decode = of_vae(moody_vae, binary_x).training_mode
    z_mean, z_log_var = encode(binary_x)
    expected = moody_vae.posterior_parameters(binary_x, training=True)
    # the same dropout, because asking has left its generator as it was
    np.testing.assert_allclose(z_mean, expected[0], rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(z_log_var, expected[1], rtol=1e-5, atol=1e-5)
    assert differ([z_mean], [moody_vae.encode(binary_x)[0]])
    z = np.float32(z_mean)
    logits = decode(z)
    np.testing.assert_allclose(logits, moody_vae.decoder(z, training=True), rtol=1e-5, atol=1e-5)
    assert differ([logits], [moody_vae.decoder(z, training=False).numpy()])


def test_evaluation_has_neither(moody_vae, binary_x):
    subject = of_vae(moody_vae, binary_x)
    for some, more in zip(subject.encode(binary_x[:5]), subject.encode(binary_x), strict=True):
        np.testing.assert_allclose(some, more[:5], rtol=1e-4, atol=1e-5)
    z = np.ones((2, 2), "float32")
    assert_same([subject.decode(z)], [subject.decode(z)])


def test_what_a_table_says_of_its_columns_conditions_and_labels_is_known(people):
    dataset = load_data(people, label_column="member", condition=["day"], ignore=["town"])
    dataset = with_conditions(dataset, conditions_of(dataset, Config(condition=("day",))))
    known = entries_and_classes(dataset)
    assert [column.name for column in known["columns"]] == ["height", "income", "visits"]
    assert [condition.name for condition in known["conditions"]] == ["day"]
    np.testing.assert_array_equal(known["labels"], dataset.train.labels)


def test_what_is_given_stands_in_place_of_the_vaes_own(trained, binary_x):
    vae = trained()
    subject = of_vae(
        vae, binary_x, binary_x[:9], history={"loss": [1.0]}, probe=None, decode=np.sin, beta=4.0
    )
    assert subject.probe is None
    assert subject.decode is np.sin
    assert (subject.beta, subject.history) == (4.0, {"loss": [1.0]})
    assert (len(subject.train), len(subject.test)) == (200, 9)


def test_the_gaussian_has_the_sigma_that_was_learnt(trained, binary_x):
    vae = trained(likelihood="gaussian")
    m = Measurements(of_vae(vae, binary_x))
    assert m.likelihood.sigma == pytest.approx(float(vae.likelihood.sigma))
    mean = vae.decoder(m.train_terms.z.astype("float32")).numpy()
    log_density = normal_log_density(binary_x, mean, 2 * np.log(m.likelihood.sigma))
    np.testing.assert_allclose(m.train_terms.distortion, -log_density.sum(axis=1), rtol=1e-4)


def test_a_diagnosis_asks_the_models_own_likelihood_whatever_it_is_called(trained, binary_x):
    class Doubled(keras_vae.distributions.Bernoulli):
        """With another log p(x|z) than its name says."""

        log_prob = keras_vae.distributions.Likelihood.log_prob

        def _entries(self, parameters):
            return super()._entries(2 * parameters)

    vae = trained(likelihood=Doubled())
    m = Measurements(of_vae(vae, binary_x))
    logits = vae.decoder(m.train_terms.z).numpy()
    log_prob = bernoulli_log_prob(binary_x, 2 * logits).sum(axis=1)
    np.testing.assert_allclose(m.train_terms.distortion, -log_prob, rtol=1e-5)


def test_the_bernoulli_takes_the_decoders_logits(trained, binary_x):
    vae = trained()
    m = Measurements(of_vae(vae, binary_x))
    logits = vae.decoder(m.train_terms.z.astype("float32")).numpy()
    log_prob = bernoulli_log_prob(binary_x, logits).sum(axis=1)
    np.testing.assert_allclose(m.train_terms.distortion, -log_prob, rtol=1e-4, atol=1e-4)


# ---- left as it was --------------------------------------------------------------------


def test_a_whole_diagnosis_moves_nothing_but_the_noise_of_the_samples(
    moody_vae, binary_x, short_probes
):
    before = state(moody_vae)
    noise = moody_vae.sampling.seed_generator.state
    place = [i for i, v in enumerate(moody_vae.variables) if v is noise]
    assert len(place) == 1
    diagnosis = examine(of_vae(moody_vae, binary_x, binary_x[:50]), examples=100)
    assert "undertrained" in diagnosis.checked
    after = state(moody_vae)
    # a `training_draw` is one of training's own
    assert differ([before.pop(place[0])], [after.pop(place[0])])
    assert_same(before, after)
    assert moody_vae.beta == 1.0


@pytest.mark.parametrize("part", ["loss_fn", "encode", "decode"])
def test_training_mode_leaves_moving_averages_and_generators(moody_vae, binary_x, part):
    before = state(moody_vae)
    subject = of_vae(moody_vae, binary_x)
    encode, decode = subject.training_mode
    values = np.ones((9, 2), "float32") if part == "decode" else binary_x
    {"loss_fn": subject.loss_fn, "encode": encode, "decode": decode}[part](values)
    assert_same(before, state(moody_vae))


def test_what_is_not_trained_is_put_back(moody_vae, binary_x):
    before = state(moody_vae)
    with left_as_it_was(moody_vae):
        moody_vae.terms(binary_x, training=True)
        assert differ(before, state(moody_vae))
    assert_same(before, state(moody_vae))


def test_an_error_leaves_it_as_it_was_too(moody_vae, binary_x):
    before = state(moody_vae)

    def stop():
        moody_vae.terms(binary_x, training=True)
        raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"), left_as_it_was(moody_vae):
        stop()
    assert_same(before, state(moody_vae))


# ---- probes ----------------------------------------------------------------------------

Z = np.random.default_rng(3).standard_normal((50, 2)).astype("float32")


@pytest.mark.parametrize(
    ("part", "moves_encoder", "moves_decoder"),
    [("encoder", True, False), ("decoder", False, True), ("both", True, True)],
)
def test_a_probe_trains_a_copy_and_only_the_part(
    moody_vae, binary_x, part, moves_encoder, moves_decoder
):
    before = state(moody_vae)
    subject = of_vae(moody_vae, binary_x)
    probed = subject.probe(part, 20)
    assert_same(before, state(moody_vae))
    assert moody_vae.encoder.trainable
    assert moody_vae.decoder.trainable
    # with its moving averages
    assert differ(subject.encode(binary_x), probed.encode(binary_x)) == moves_encoder
    assert differ([subject.decode(Z)], [probed.decode(Z)]) == moves_decoder


@pytest.mark.parametrize("part", ["encoder", "decoder"])
def test_sigma_is_part_of_the_decoder(small_vae, binary_x, part):
    subject = of_vae(small_vae(likelihood="gaussian"), binary_x)
    probed = subject.probe(part, 5)
    assert (probed.likelihood.sigma != subject.likelihood.sigma) == (part == "decoder")


def test_a_sigma_that_training_held_fixed_stays_so(small_vae, binary_x):
    vae = small_vae(likelihood="gaussian")
    vae.likelihood.trainable = False
    subject = of_vae(vae, binary_x)
    assert subject.probe("both", 5).likelihood.sigma == subject.likelihood.sigma


def test_a_probe_has_the_elbo_as_objective_whatever_the_loss_was(small_vae, binary_x):
    vae = small_vae(beta=20.0, free_nats=3.0)
    probed = of_vae(vae, binary_x).probe("both", 1)
    logged = probed.loss_fn(binary_x)
    np.testing.assert_allclose(logged["loss"], logged["distortion"] + logged["rate"], rtol=1e-5)
    assert vae.beta == 20.0
    assert vae.free_nats == 3.0


def test_a_probe_raises_the_elbo_of_what_was_stopped_early(small_vae, binary_x):
    subject = of_vae(small_vae(), binary_x)
    m = Measurements(subject)
    before = m.train_terms.elbo.mean()
    assert m.probe("both").elbo.mean() > before + 0.3
    after = Measurements(subject.probe("both", 200)).train_terms.elbo.mean()
    assert m.probe("both").elbo.mean() == pytest.approx(after)


def test_a_probe_goes_on_from_the_last_one_and_ends_as_one_that_is_asked_at_once(
    moody_vae, binary_x
):
    subject, m = of_vae(moody_vae, binary_x), Measurements(of_vae(moody_vae, binary_x))
    half, whole = m.probe("both", 4), m.probe("both", 8)
    assert differ([half.z_mean], [whole.z_mean])
    assert_same(subject.probe("both", 8).encode(binary_x), (whole.z_mean, whole.z_log_var))
    # fewer steps than were made are made anew
    assert_same(subject.probe("both", 4).encode(binary_x), (half.z_mean, half.z_log_var))


def test_the_same_steps_on_few_examples_give_the_same(small_vae, binary_x):
    subject = of_vae(small_vae(), binary_x[:20])
    first, second = (subject.probe("both", 3).encode(binary_x) for _ in range(2))
    assert_same(first, second)
    assert differ(first, subject.encode(binary_x))


def test_the_encoder_of_a_diagnosis_takes_data_that_a_training_would_refuse(trained, binary_x):
    vae, x = trained(), binary_x.copy()
    x[3, 2] = np.nan
    z_mean, _ = of_vae(vae, x).encode(x)
    assert np.isnan(z_mean).any(axis=1).nonzero()[0].tolist() == [3]


@pytest.mark.parametrize("own", ["none", "threshold"])
def test_data_are_seen_by_their_own_protocol_or_else_by_that_of_the_training(small_vae, own):
    dataset = from_arrays(np.random.default_rng(0).random((60, 6))).as_binarized(own)
    vae = small_vae()
    vae.protocol = {"data": "made", "binarize": "dynamic"}
    subject, applied = of_dataset(vae, dataset), {"none": "dynamic"}.get(own, own)
    for split, x in (("train", subject.train), ("test", subject.test)):
        np.testing.assert_array_equal(x, binarize(dataset.split(split).x, applied, split))
    np.testing.assert_array_equal(subject.stored[1], dataset.test.x)
    fitted_to = examples_to_fit(dataset.train.x, applied, of_binary=True)
    expected = log_evidence_without_z(vae.likelihood, fitted_to, subject.test)
    np.testing.assert_array_equal(subject.without_z(subject.test), expected)


def test_a_learned_prior_is_told_and_a_standard_one_needs_no_telling(small_vae, binary_x):
    assert of_vae(small_vae(), binary_x).prior is None
    vae = keras_vae.VAE(
        mlp_encoder((6,), 2, (8,)), mlp_decoder((6,), 2, (8,)), prior=MixturePrior(3)
    )
    vae(binary_x)
    draw, log_prob = of_vae(vae, binary_x).prior
    mixture = vae.prior.distribution(2)
    z = draw(4000, 3)
    np.testing.assert_array_equal(z, draw(4000, 3))
    error = 5 * np.asarray(mixture.stddev()) / np.sqrt(len(z))
    assert (np.abs(z.mean(axis=0) - mixture.mean()) < error).all()
    np.testing.assert_allclose(log_prob(z), mixture.log_prob(z), rtol=1e-6)
