import errno
import hashlib
import json
import os
import shutil

import keras
import numpy as np
import pytest

from keras_vae import Config, RunError, load_data
from keras_vae.files.formats import FORMAT
from keras_vae.training import checkpoint, train
from keras_vae.training.checkpoint import Checkpoint, has_checkpoint

EPOCHS = 4


class PowerCut(Exception):
    """Nothing in training catches it."""


class CutAt(keras.callbacks.Callback):
    """Ends training without warning at a step (counted from 1) of an epoch (from 0)."""

    def __init__(self, epoch, step):
        super().__init__()
        self.epoch, self.step, self.seen = epoch, step, 0

    def on_epoch_begin(self, epoch, logs=None):
        self.seen = epoch

    def on_train_batch_end(self, batch, logs=None):
        if self.seen == self.epoch and batch + 1 >= self.step:
            raise PowerCut


class Beginnings(keras.callbacks.Callback):
    """Notes the variables that each epoch begins with; may end training there without warning."""

    def __init__(self, is_cut=False):
        super().__init__()
        self.is_cut, self.variables = is_cut, {}

    def on_epoch_begin(self, epoch, logs=None):
        variables = [*self.model.variables, *self.model.optimizer.variables]
        self.variables[epoch] = [v.numpy().tolist() for v in variables]
        if self.is_cut:
            raise PowerCut


class Ledger(keras.callbacks.Callback):
    """A callback with a memory."""

    state = ("epochs",)

    def __init__(self):
        super().__init__()
        self.epochs = []

    def on_epoch_end(self, epoch, logs=None):
        self.epochs.append(epoch)


@pytest.fixture(scope="module")
def digits():
    return load_data("digits")


def options(**changes):
    return Config(
        data="digits", hidden=(32,), epochs=EPOCHS, beta=0.5, warmup=0.3, binarize="dynamic",
        patience=3, learning_rate=0.02,
    ).replace(**changes)  # fmt: skip


def everything(training, directory):
    """All that training leaves, comparable."""
    return {
        "weights": [w.tolist() for w in training.vae.get_weights()],
        "optimizer": [v.numpy().tolist() for v in training.vae.optimizer.variables],
        "history": training.history,
        "best": training.best_epoch,
        "table": (directory / "history.csv").read_bytes(),
    }


@pytest.fixture(scope="module")
def whole(digits, tmp_path_factory):
    """What training leaves by `checkpoint_every`, and the variables that each epoch begins with."""
    left, beginnings = {}, Beginnings()
    for every in (None, 3):
        directory = tmp_path_factory.mktemp("whole")
        ledger = Ledger()
        training = train(options(checkpoint_every=every), digits, directory, [ledger, beginnings])
        assert ledger.epochs == list(range(EPOCHS))
        left[every] = everything(training, directory)
    return left, beginnings.variables


@pytest.fixture(scope="module")
def undisturbed(whole):
    """What training leaves by `checkpoint_every`."""
    return whole[0]


def cut(digits, directory, *places, **changes):
    """Trains up to each place in turn, always resuming."""
    for place in places:
        with pytest.raises(PowerCut):
            train(options(**changes), digits, directory, [CutAt(*place), Ledger()], resume=True)


@pytest.fixture(scope="module")
def last_epoch(digits, tmp_path_factory):
    """The folder of a training that was cut at the last step of its last epoch; read only."""
    directory = tmp_path_factory.mktemp("last_epoch")
    cut(digits, directory, (3, 11))
    return directory


@pytest.fixture
def cut_short(last_epoch, tmp_path):
    """A copy of such a folder."""
    return shutil.copytree(last_epoch, tmp_path / "cut_short")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("every", "places"),
    [
        (None, [(0, 1), (2, 1)]),  # of (3, 11) below: what ran after the last checkpoint
        (3, [(0, 2), (1, 4), (1, 10), (3, 1)]),
    ],
)
def test_a_training_that_was_cut_ends_as_if_it_had_not_been(
    digits, tmp_path, undisturbed, every, places
):
    cut(digits, tmp_path, *places, checkpoint_every=every)
    ledger = Ledger()
    training = train(options(checkpoint_every=every), digits, tmp_path, [ledger], resume=True)
    assert everything(training, tmp_path) == undisturbed[every]
    assert ledger.epochs == list(range(EPOCHS))


OF_FAMILIES = [
    # averages of weights beside those of the last step; a prior with weights, cut within an epoch
    {"ema": 0.9, "prior": "vamp", "components": 5, "gradient": "stl"},
    {"ema": 0.9, "prior": "flow", "posterior": "iaf", "checkpoint_every": 3},
    {"objective": "iwae", "samples": 4, "resampled": 2, "gradient": "dreg", "prior": "mixture",
     "components": 4, "posterior": "full", "schedule": "burda", "clip_norm": 1.0},
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("changes", OF_FAMILIES)
def test_priors_posteriors_and_averages_go_on_bit_for_bit(digits, tmp_path, changes):
    (tmp_path / "whole").mkdir()
    (tmp_path / "cut").mkdir()
    changes = {"latent": 3, "epochs": 3, **changes}
    whole = train(options(**changes), digits, tmp_path / "whole", [Ledger()])
    cut(digits, tmp_path / "cut", (1, 5 if "checkpoint_every" in changes else 1), **changes)
    training = train(options(**changes), digits, tmp_path / "cut", [Ledger()], resume=True)
    assert everything(training, tmp_path / "cut") == everything(whole, tmp_path / "whole")


@pytest.mark.slow
def test_compiled_by_xla_too(digits, tmp_path, xla):
    (tmp_path / "whole").mkdir()
    (tmp_path / "cut").mkdir()
    whole = train(options(), digits, tmp_path / "whole", [Ledger()])
    cut(digits, tmp_path / "cut", (2, 1))
    training = train(options(), digits, tmp_path / "cut", [Ledger()], resume=True)
    assert everything(training, tmp_path / "cut") == everything(whole, tmp_path / "whole")


@pytest.mark.slow
def test_within_an_epoch_only_the_steps_since_the_checkpoint_are_taken_again(digits, tmp_path):
    cut(digits, tmp_path, (1, 8), checkpoint_every=3)
    steps = []

    class Count(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            steps.append(int(self.model.optimizer.iterations))

    train(options(checkpoint_every=3), digits, tmp_path, [Count(), Ledger()], resume=True)
    # 11 steps an epoch; cut after step 9 of the second, whose checkpoint was after step 6
    assert steps[0] == 11 + 9


@pytest.mark.slow
def test_what_ran_after_the_last_checkpoint_leaves_no_trace(digits, cut_short, undisturbed):
    # as if killed between the best model of the epoch and its checkpoint
    (cut_short / "model.keras").write_bytes(b"another")
    with open(cut_short / "history.csv", "a") as table:
        table.write("3,0,0,0,0,0,0")
    training = train(options(), digits, cut_short, [Ledger()], resume=True)
    assert everything(training, cut_short) == undisturbed[None]


@pytest.mark.parametrize("file", ["variables.npz", "state.json", "model.keras"])
@pytest.mark.parametrize("damage", ["torn", "missing", "empty"])
def test_a_torn_checkpoint_is_passed_over_for_the_one_before_it(
    digits, cut_short, whole, file, damage
):
    before, last = sorted((cut_short / "checkpoints").iterdir())
    path = last / file
    content = path.read_bytes()
    path.unlink()
    if damage != "missing":
        path.write_bytes(content[: len(content) // 2] if damage == "torn" else b"")
    left, variables = whole
    found, ledger = Beginnings(is_cut=True), Ledger()
    with pytest.raises(PowerCut):
        train(options(), digits, cut_short, [found, ledger], resume=True)
    assert found.variables == {2: variables[2]}
    assert ledger.epochs == [0, 1]
    header_and_epochs = left[None]["table"].splitlines(keepends=True)[:3]
    assert (cut_short / "history.csv").read_bytes() == b"".join(header_and_epochs)
    best = (before / "model.keras").read_bytes()
    assert (cut_short / "model.keras").read_bytes() == best


def test_a_training_that_stopped_early_is_at_its_end(digits, tmp_path):
    class Stop(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.stop_training = epoch == 1

    stopped = train(options(), digits, tmp_path, [Stop(), Ledger()])
    again = train(options(), digits, tmp_path, [Ledger()], resume=True)
    assert len(again.history["loss"]) == 2
    assert again.history == stopped.history


def test_two_checkpoints_are_kept_and_nothing_unfinished(last_epoch, tmp_path):
    names = sorted(path.name for path in (last_epoch / "checkpoints").iterdir())
    assert names == ["at-00000002", "at-00000003"]
    assert has_checkpoint(last_epoch / "checkpoints")
    assert not has_checkpoint(tmp_path / "elsewhere")


def test_with_every_checkpoint_damaged_it_says_so(digits, cut_short):
    told = r"no checkpoint is readable.* train again without --resume"
    for name, content in (
        ("state.json", b'{"files": {}}'),
        ("state.json", b"[1]"),
        ("variables.npz", b""),
    ):
        for path in (cut_short / "checkpoints").iterdir():
            (path / name).write_bytes(content)
        with pytest.raises(RunError, match=told):
            train(options(), digits, cut_short, [Ledger()], resume=True)


def test_a_checkpoint_of_another_format_is_refused_by_name(tmp_path):
    """And is not passed over for an older one, as a damaged one is."""
    for number in (1, 2):
        (tmp_path / f"at-{number:08}").mkdir()
    state = tmp_path / "at-00000002" / "state.json"
    state.write_text(json.dumps({"format": FORMAT + 1}))
    with pytest.raises(RunError, match=rf"at-00000002/state\.json: of format {FORMAT + 1}, "):
        Checkpoint(tmp_path, batches=None).restore()


def test_a_checkpoint_of_another_model_is_refused(digits, cut_short):
    with pytest.raises(RunError, match="of another model"):
        train(options(hidden=(16,)), digits, cut_short, [Ledger()], resume=True)


@pytest.mark.slow
def test_a_full_disk_leaves_the_checkpoints_that_were_complete(
    digits, tmp_path, undisturbed, monkeypatch
):
    save, saves = np.savez, []

    def full(path, *arrays):
        saves.append(path)
        if len(saves) == 3:
            path.write_bytes(b"half")
            raise OSError(errno.ENOSPC, "No space left on device")
        save(path, *arrays)

    monkeypatch.setattr(checkpoint.np, "savez", full)
    with pytest.raises(OSError, match="No space"):
        train(options(), digits, tmp_path, [Ledger()])
    names = sorted(path.name for path in (tmp_path / "checkpoints").iterdir())
    assert names == ["at-00000001", "at-00000002"]
    training = train(options(), digits, tmp_path, [Ledger()], resume=True)
    assert everything(training, tmp_path) == undisturbed[None]


def test_everything_is_on_the_disk_before_a_checkpoint_has_its_name(digits, tmp_path, monkeypatch):
    synced, fsync, rename = set(), os.fsync, os.rename

    def note(descriptor):
        synced.add(os.readlink(f"/proc/self/fd/{descriptor}"))
        fsync(descriptor)

    def check_then_rename(source, target):
        wanted = {str(path) for path in source.iterdir()} | {str(source)}
        assert len(wanted) == 5
        assert wanted <= synced
        synced.clear()
        rename(source, target)

    monkeypatch.setattr(os, "fsync", note)
    monkeypatch.setattr(os, "rename", check_then_rename)
    train(options(epochs=1), digits, tmp_path)
    assert str(tmp_path / "checkpoints") in synced  # and the name itself, after


def test_loss_scale_and_random_state_are_part_of_a_checkpoint(last_epoch):
    *_, last = sorted((last_epoch / "checkpoints").iterdir())
    with np.load(last / "variables.npz") as arrays:
        shapes = [arrays[name].shape for name in arrays.files]
        dtypes = {arrays[name].dtype for name in arrays.files}
    assert (2,) in shapes  # a SeedGenerator's state
    assert np.dtype("float64") in dtypes  # sums of the reported means
    state = json.loads((last / "state.json").read_text())
    assert (state["epoch"], state["step"], len(state["history"]["val_elbo"])) == (3, 0, 3)
    assert state["format"] == FORMAT


@pytest.mark.slow
def test_a_training_on_streamed_data_goes_on_bit_for_bit_too(tmp_path):
    gray = np.random.default_rng(0).integers(0, 256, (300, 4, 4)).astype("uint8")
    np.save(tmp_path / "gray.npy", gray)
    dataset = load_data(tmp_path / "gray.npy", stream=True)
    changes = {"batch_size": 20, "checkpoint_every": 3}
    for name in ("whole", "cut"):
        (tmp_path / name).mkdir()
    whole = train(options(**changes), dataset, tmp_path / "whole", [Ledger()])
    cut(dataset, tmp_path / "cut", (1, 8), (2, 1), **changes)
    training = train(options(**changes), dataset, tmp_path / "cut", [Ledger()], resume=True)
    assert everything(training, tmp_path / "cut") == everything(whole, tmp_path / "whole")


@pytest.mark.parametrize("size", [0, 5, 2 * 2**20 + 3])
def test_the_digest_of_a_file_is_its_sha256_on_python_3_10_too(tmp_path, monkeypatch, size):
    monkeypatch.delattr(hashlib, "file_digest", raising=False)
    content = bytes(number % 251 for number in range(size))
    (tmp_path / "file").write_bytes(content)
    assert checkpoint._digest(tmp_path / "file") == hashlib.sha256(content).hexdigest()
