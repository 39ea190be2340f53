import types

import numpy as np
import pytest
import tensorflow as tf

from keras_vae import Config, ConfigError, WorkerLost, load_data
from keras_vae.training import train
from keras_vae.training.distribute import is_chief, lost_workers, make_strategy, worker_of


def strategy_of(task_type, task_id, jobs=("worker",)):
    """As much of a strategy as says which process of a cluster this is."""
    addresses = {job: ["a:1"] if job == "chief" else ["b:1", "c:1"] for job in jobs}
    cluster = types.SimpleNamespace(jobs=list(jobs), as_dict=lambda: addresses)
    resolver = types.SimpleNamespace(
        task_type=task_type, task_id=task_id, cluster_spec=lambda: cluster
    )
    return types.SimpleNamespace(cluster_resolver=resolver)


def test_without_a_choice_there_is_one_device():
    assert make_strategy(None).num_replicas_in_sync == 1


def test_mirrored_takes_every_device():
    assert make_strategy("mirrored").num_replicas_in_sync == 2  # conftest.py makes two


@pytest.mark.parametrize("text", [None, "", "{", "[]", '{"cluster": {}, "task": {"index": 0}}',
                                  '{"cluster": {"worker": ["a:1"]}}'])  # fmt: skip
def test_workers_without_a_cluster_are_told_how_to_name_it(text, monkeypatch):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    if text is not None:
        monkeypatch.setenv("TF_CONFIG", text)
    with pytest.raises(ConfigError, match=r'TF_CONFIG is .*"cluster": {"worker"') as error:
        make_strategy("multi-worker")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("strategy", "chief", "worker"),
    [
        (tf.distribute.get_strategy(), True, (0, 1)),
        (strategy_of(None, None), True, (0, 1)),
        (strategy_of("worker", 0), True, (0, 2)),
        (strategy_of("worker", 1), False, (1, 2)),
        (strategy_of("worker", 0, ["chief", "worker"]), False, (1, 3)),
        (strategy_of("worker", 1, ["chief", "worker"]), False, (2, 3)),
        (strategy_of("chief", 0, ["chief", "worker"]), True, (0, 3)),
    ],
)
def test_the_chief_is_the_one_named_so_or_worker_0(strategy, chief, worker):
    assert is_chief(strategy) == chief
    assert worker_of(strategy) == worker


def test_a_lost_worker_is_told_from_other_failures():
    lost = tf.errors.UnavailableError(None, None, "connection reset")
    with (
        pytest.raises(WorkerLost, match="go on with --resume"),
        lost_workers(strategy_of("worker", 0)),
    ):
        raise lost
    with pytest.raises(tf.errors.UnavailableError), lost_workers(tf.distribute.get_strategy()):
        raise lost
    with pytest.raises(ZeroDivisionError), lost_workers(strategy_of("worker", 0)):
        1 / 0  # noqa: B018


def test_two_devices_train_as_one(tmp_path, two_devices):
    digits = load_data("digits")
    config = Config(data="digits", hidden=(16,), epochs=3, binarize="dynamic")
    trained = []
    for number, strategy in enumerate((None, two_devices)):
        folder = tmp_path / str(number)
        folder.mkdir()
        trained.append(train(config, digits, folder, strategy=strategy))
    one, two = trained
    for first, second in zip(one.vae.get_weights(), two.vae.get_weights(), strict=True):
        np.testing.assert_allclose(first, second, rtol=0, atol=1e-5)
    for name in ("loss", "elbo", "distortion", "rate", "beta"):
        np.testing.assert_allclose(two.history[name], one.history[name], rtol=1e-5)
    # 51 of the 179 validation examples are no whole batch, and draw other noise
    np.testing.assert_allclose(two.history["val_elbo"], one.history["val_elbo"], atol=0.1)


def test_a_batch_that_cannot_be_divided_is_refused(tmp_path, two_devices):
    config = Config(data="digits", hidden=(16,), batch_size=33, binarize="none")
    with pytest.raises(ConfigError, match=r"batches of 33 .* among 2 devices.*--batch-size"):
        train(config, load_data("digits"), tmp_path, strategy=two_devices)
