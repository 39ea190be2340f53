"""How a model with an objective is trained by Keras's `compile` and `fit`."""

from typing import Any

import keras
import tensorflow as tf

from keras_vae.errors import ConfigError, check_weight
from keras_vae.loop import sample_weights
from keras_vae.loop.averaged_weights import with_averages
from keras_vae.loop.keras_private import KerasPrivate
from keras_vae.loop.means import Means
from keras_vae.loop.monitors import DIRECTIONS, with_directions
from keras_vae.loop.optimizers import refuse_wrong
from keras_vae.loop.steps import (
    Batches,
    BeginEpoch,
    apply_if,
    as_many_as,
    several_steps,
    step_by_step,
    sum_of_replicas,
    xla_helps,
)
from keras_vae.loop.validation import in_order
from keras_vae.objectives import Objective
from keras_vae.replicas import replica_count

__all__ = ["Trainer"]


class Trainer(KerasPrivate):
    """A Keras model that minimises the mean of `objective.loss(terms, beta)` + penalty.

    The penalty is what layers add by themselves: regularizers and `add_loss`. It reports `loss`
    (what is minimised), `elbo`, `distortion`, `rate` (means over examples, nats per example; the
    elbo has beta = 1 whatever the loss uses), `beta` and, of a model that has one, `penalty`.
    Subclasses define `_terms(x, training, seed)`.

    Args:
        objective: `Objective`.
        beta: weight of the rate in the loss, at least 0. Kept in a variable: assign `beta` to
            change it during training.
    """

    def __init__(self, objective: Objective, beta: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.objective = objective
        # No Keras weight: an option, saved with the configuration.
        self._beta = tf.Variable(0.0, trainable=False, dtype="float32", name="beta")
        self.beta = beta
        self._means = Means(tuple(DIRECTIONS))
        self._has_penalty = False  # known from the first pass on
        self._batches: Batches | None = None
        self.weights_of_last_step: tuple[Any, ...] | None = None  # by `AveragedWeights`

    @property
    def beta(self) -> float:
        """The weight of the rate in the loss as it is now, a float."""
        return self._beta_value

    @beta.setter
    def beta(self, value: float) -> None:
        self._beta_value = check_weight("beta", value)
        self._beta.assign(value)

    def compile(
        self, optimizer: Any = "adam", jit_compile: bool | str = "auto", **kwargs: Any
    ) -> None:
        """As `keras.Model.compile`, but `loss` and `metrics` are the VAE's own.

        `jit_compile="auto"` compiles with XLA on a CPU too, unless there are convolutions, which
        XLA makes a hundred times slower there.

        Raises:
            ConfigError: if the optimizer would lose the weights: see `refuse_wrong`.
        """
        for name in ("loss", "metrics", "weighted_metrics"):
            if kwargs.get(name) is not None:
                raise ValueError(
                    f"compile({name}={kwargs[name]!r}): a VAE minimises distortion + beta * rate "
                    f"and reports both; leave {name} out and choose VAE(likelihood=..., beta=...)"
                )
        optimizer = keras.optimizers.get(optimizer)
        refuse_wrong(optimizer)
        super().compile(optimizer=optimizer, jit_compile=jit_compile, **kwargs)
        if jit_compile == "auto" and not self.run_eagerly:
            self.jit_compile = xla_helps(self)
        if self.built:  # so that a model that was not fitted comes back without complaint
            self.optimizer.build(self.trainable_variables)
            refuse_wrong(self.optimizer)  # one may know its optimizers only now

    def compile_from_config(self, config: dict[str, Any]) -> None:
        self.compile(**keras.saving.deserialize_keras_object(config))

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        *args: Any,
        sample_weight: Any = None,
        callbacks: Any = None,
        **kwargs: Any,
    ) -> keras.callbacks.History:
        """As `keras.Model.fit`.

        `x` may also be `Batches`: with `steps_per_execution` above 1
        in `compile`, that is several times faster.

        Weights need no labels: `sample_weight` (N,) or (N, 1) makes the loss the mean over the
        weights of a batch. A step whose weights are all 0 is left out.
        """
        y, sample_weight = sample_weights.of_arrays(x, y, sample_weight)
        validation = kwargs.get("validation_data")
        if isinstance(validation, (tuple, list)) and len(validation) == 3:
            kwargs["validation_data"] = validation[0], *sample_weights.of_arrays(*validation)
        if replica_count(self.distribute_strategy) == 1:
            size = kwargs.get("validation_batch_size") or batch_size
            kwargs["validation_data"] = in_order(kwargs.get("validation_data"), size)
        # A list, to which MLflow's autolog adds its own.
        callbacks = [sample_weights.CheckWeights(self._means), *with_directions(callbacks)]
        callbacks = with_averages(callbacks)
        batches = x if isinstance(x, Batches) else None
        self._train_on(batches)
        if batches is not None:
            if any(given is not None for given in (y, sample_weight, kwargs.get("class_weight"))):
                raise ConfigError(
                    f"{type(batches).__name__} have neither labels nor weights; pass arrays or a "
                    f"tf.data.Dataset to weigh examples"
                )
            x = as_many_as(batches.steps, self.distribute_strategy)
            callbacks = [BeginEpoch(batches), *callbacks]
            kwargs["shuffle"] = False  # they are in their order already
        options = {"sample_weight": sample_weight, "callbacks": callbacks, **kwargs}
        return super().fit(x, y, batch_size, *args, **options)

    def train_on_batch(self, *args: Any, **kwargs: Any) -> Any:
        """As `keras.Model.train_on_batch`."""
        self._train_on(None)
        return super().train_on_batch(*args, **kwargs)

    def forget_batches(self) -> None:
        """Lets go of the batches of the last `fit`, and of their data."""
        self._train_on(None)

    def _train_on(self, batches: Batches | None) -> None:
        """Forgets the train function of other batches than these, which are a part of it."""
        if batches is not self._batches:
            self._batches = batches
            self.train_function = None

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: Any = "auto",
        sample_weight: Any = None,
        *args: Any,
        **kwargs: Any,
    ) -> Any:
        """As `keras.Model.evaluate`; weights need no labels, as in `fit`."""
        y, sample_weight = sample_weights.of_arrays(x, y, sample_weight)
        figures = super().evaluate(x, y, batch_size, verbose, sample_weight, *args, **kwargs)
        sample_weights.refuse_invalid(self._means)
        return figures

    def make_train_function(self, force: bool = False) -> None:
        if self.train_function is not None and not force:
            return
        if self._batches is not None:
            if not self.built:
                self.build((None, *self._batches.event_shape))
            if not self.optimizer.built:
                self.optimizer.build(self.trainable_variables)
            self.train_function = several_steps(self, self._batches)
        elif replica_count(self.distribute_strategy) > 1:
            self.train_function = step_by_step(self, self.train_step)
        else:
            super().make_train_function(force)

    def make_test_function(self, force: bool = False) -> None:
        # Never XLA: a pass forward gains too little to be worth the time of compiling it.
        if self.test_function is None or force:
            self.test_function = step_by_step(self, self.test_step)

    def make_predict_function(self, force: bool = False) -> None:
        is_compiled, self.jit_compile = self.jit_compile, False
        super().make_predict_function(force)
        self.jit_compile = is_compiled

    @property
    def metrics(self) -> list[Means]:
        return [self._means]

    @property
    def metrics_names(self) -> list[str]:
        """The names of what is reported, in the order in which `evaluate` lists it."""
        return [name for name in self._means.names if name != "penalty" or self._has_penalty]

    def get_metrics_result(self) -> dict[str, Any]:
        means = self._means.result()
        return {name: means[name] for name in self.metrics_names}

    def train_step(self, data: Any) -> dict[str, Any]:
        with tf.GradientTape() as tape:
            loss, weights = self._loss(data, training=True)
            # Gradients are added up over replicas; this one has this share of the batch.
            share = 1 / replica_count()
            if weights is not None:
                total = sum_of_replicas(tf.reduce_sum(weights))
                share = tf.math.divide_no_nan(tf.reduce_sum(weights), total)
            scaled_loss = self.optimizer.scale_loss(loss * share)
        gradients = tape.gradient(scaled_loss, self.trainable_variables)
        if weights is None:
            self.optimizer.apply(gradients, self.trainable_variables)
        else:  # without weight there is nothing to learn: no momentum, no decay
            apply_if(total > 0, self.optimizer, gradients, self.trainable_variables)
        return self.get_metrics_result()

    def test_step(self, data: Any) -> dict[str, Any]:
        self._loss(data, training=False)
        return self.get_metrics_result()

    def minimized(
        self, x: Any, sample_weight: Any = None, training: bool = False, seed: Any = None
    ) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
        """What training minimises, and the terms it is made of.

        Args:
            x: (batch, *event_shape), or a dictionary as in `fit`.
            sample_weight: optional weights (batch,) of the examples.
            training: passed to encoder and decoder.
            seed: as in `terms`.

        Returns:
            (minimum, values): the mean of the objective's loss plus the layers' own penalties, a
            float32 scalar, nats; and what each example adds to the reported means, tensors
            (batch,) by name: loss, elbo, distortion, rate, beta, penalty.
        """
        terms = self._terms(x, training, seed)
        beta, penalty = tf.convert_to_tensor(self._beta), self._penalty()
        loss = self.objective.loss(terms, beta)
        weights = tf.ones_like(loss) if sample_weight is None else sample_weight
        mean = tf.math.divide_no_nan(tf.reduce_sum(weights * loss), tf.reduce_sum(weights))
        each = tf.ones_like(loss)
        values = {
            "loss": loss + penalty,
            "elbo": terms.elbo,
            "distortion": terms.distortion,
            "rate": terms.rate,
            "beta": beta * each,
            "penalty": penalty * each,
        }
        return mean + penalty, values

    def _penalty(self) -> Any:
        """What the layers added in the last pass, and for their weights: a float32 scalar."""
        losses = [tf.reduce_sum(tf.cast(loss, tf.float32)) for loss in self.losses]
        self._has_penalty = self._has_penalty or bool(losses)
        return tf.add_n(losses) if losses else 0.0

    def _loss(self, data: Any, training: bool) -> tuple[tf.Tensor, Any]:
        """What is minimised of one batch, which also goes into the reported means; its weights."""
        x, _, weights = keras.utils.unpack_x_y_sample_weight(data)
        if weights is not None:
            weights = sample_weights.of_batch(weights, x)
        if not self.built:  # Keras would build on call, which no step uses
            self.build(keras.tree.map_structure(lambda part: part.shape, x))
        minimum, values = self.minimized(x, weights, training)
        self._means.update_state(values, weights)
        return minimum, weights
