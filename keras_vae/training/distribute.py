"""Training on several devices, or on several machines, each with a part of every batch."""

import contextlib
import json
import os
import zlib
from collections.abc import Iterator

import tensorflow as tf

from keras_vae.choices import DISTRIBUTIONS
from keras_vae.config import Config
from keras_vae.errors import ConfigError, WorkerLost, check_name

__all__ = ["check_agreement", "is_chief", "lost_workers", "make_strategy", "worker_of"]

# What TensorFlow raises when another process of the cluster is gone.
CONNECTION_ERRORS = (
    tf.errors.UnavailableError,
    tf.errors.AbortedError,
    tf.errors.CancelledError,
    tf.errors.DeadlineExceededError,
    tf.errors.InternalError,
    tf.errors.FailedPreconditionError,
)


def make_strategy(distribute: str | None) -> tf.distribute.Strategy:
    """The `tf.distribute.Strategy` of a choice in `keras_vae.config.DISTRIBUTIONS`.

    `"multi-worker"` must come before any other TensorFlow operation of the process, and waits
    until all workers are there.

    Raises:
        ConfigError: if `"multi-worker"` is asked for without a `TF_CONFIG`, or the name is unknown.
    """
    if distribute == "mirrored":
        gpus, cpus = map(tf.config.list_logical_devices, ("GPU", "CPU"))
        # Between CPU devices TensorFlow's collectives can mix up the sums of two trainings.
        sums = None if gpus else tf.distribute.ReductionToOneDevice()
        return tf.distribute.MirroredStrategy([device.name for device in gpus or cpus], sums)
    if distribute == "multi-worker":
        _check_cluster()
        return tf.distribute.MultiWorkerMirroredStrategy()
    check_name("distribute", distribute, (*DISTRIBUTIONS, None))
    return tf.distribute.get_strategy()


def is_chief(strategy: tf.distribute.Strategy) -> bool:
    """Whether this process is the one that writes: the chief, worker 0 where none is named so."""
    resolver = getattr(strategy, "cluster_resolver", None)
    if resolver is None or resolver.task_type is None:
        return True
    has_chief = "chief" in resolver.cluster_spec().jobs
    return resolver.task_type == "chief" or (not has_chief and resolver.task_id == 0)


def worker_of(strategy: tf.distribute.Strategy) -> tuple[int, int]:
    """(i, n): this process is worker i of n; (0, 1) for a process that is alone."""
    resolver = getattr(strategy, "cluster_resolver", None)
    if resolver is None or resolver.task_type is None:
        return 0, 1
    jobs = resolver.cluster_spec().as_dict()
    chiefs, workers = (len(jobs.get(job, ())) for job in ("chief", "worker"))
    return resolver.task_id + (chiefs if resolver.task_type == "worker" else 0), chiefs + workers


def check_agreement(strategy: tf.distribute.Strategy, config: Config, epoch: int) -> None:
    """Refuses workers that would train different models, or from different places.

    Args:
        strategy: `tf.distribute.Strategy`; in another process than its fellows, it waits for them.
        config: `Config` of this process.
        epoch: with which this process begins.

    Raises:
        ConfigError: in every worker, if one was given something else.
    """
    if worker_of(strategy)[1] == 1:
        return
    options = {**config.to_dict(), "data": None}  # machines may keep it in different places
    own = tf.constant([[zlib.crc32(json.dumps(options).encode()), epoch]], tf.int64)
    if tf.reduce_any(strategy.gather(strategy.run(lambda: own), axis=0) != own):
        raise ConfigError(
            "the workers were given different options, or --resume to some of them only; start "
            "all of them with the same"
        )


@contextlib.contextmanager
def lost_workers(strategy: tf.distribute.Strategy) -> Iterator[None]:
    """Distinguishes the loss of another worker from other failures.

    Raises:
        WorkerLost: in place of what TensorFlow raises then.
    """
    try:
        yield
    except CONNECTION_ERRORS as error:
        if getattr(strategy, "cluster_resolver", None) is None:
            raise
        raise WorkerLost(
            "another worker is gone; start it again, and go on with --resume"
        ) from error


def _check_cluster() -> None:
    text = os.environ.get("TF_CONFIG")
    example = (
        '\'{"cluster": {"worker": ["host1:2222", "host2:2222"]}, '
        '"task": {"type": "worker", "index": 0}}\''
    )
    try:
        cluster = json.loads(text or "null")
        is_cluster = bool(cluster["cluster"]) and "index" in cluster["task"]
    except (ValueError, TypeError, KeyError):
        is_cluster = False
    if not is_cluster:
        found = "is not set" if text is None else f"is {text!r}"
        raise ConfigError(
            f"--distribute multi-worker: TF_CONFIG {found}; set it on each worker, as in {example}"
        )
