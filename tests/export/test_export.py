import dataclasses
import inspect
import json
import platform
import shutil
from datetime import datetime, timedelta, timezone

import keras
import numpy as np
import pytest
import tensorflow as tf
from tensorflow_serving.apis import prediction_log_pb2

import keras_vae
from keras_vae.errors import RunError
from keras_vae.export import export, export_version
from keras_vae.export.metadata import changed_files
from keras_vae.export.warmup import WARMUP_FILE
from keras_vae.networks import mlp_decoder, mlp_encoder


def signatures_of(path):
    return tf.saved_model.load(str(path)).signatures


def test_a_run_exports_version_1_beside_its_other_files(exported):
    folder = exported.run.path
    assert exported.path == folder / "1"
    assert {path.name for path in folder.iterdir()} == {
        "1", "codes.npz", "config.json", "diagnosis.json", "events.jsonl", "history.csv",
        "metrics.json", "model.keras", "plots",
    }  # fmt: skip


def test_the_server_answers_as_the_keras_model(exported):
    x = exported.run.examples(exported.run.load_data(), "test").x[:20]
    vae, served = exported.run.vae, signatures_of(exported.path)
    np.testing.assert_allclose(
        served["serving_default"](x=x)["reconstruction"], vae.predict(x, verbose=0), atol=1e-5
    )
    encoded = served["encode"](x=x)
    for name, expected in zip(("z_mean", "z_log_var"), vae.encode(x), strict=True):
        np.testing.assert_allclose(encoded[name], expected, atol=1e-5)
    z = np.random.default_rng(0).standard_normal((7, 2)).astype("float32")
    np.testing.assert_allclose(served["decode"](z=z)["mean"], vae.decode(z), atol=1e-5)


def test_seeds_in_one_batch_or_each_by_itself_give_the_same_bits(exported):
    sample = signatures_of(exported.path)["sample"]
    together = sample(seed=tf.constant([7, 8, 9], tf.int64))
    for row, seed in enumerate((7, 8, 9)):
        alone = sample(seed=tf.constant([seed], tf.int64))
        for name in ("z", "mean"):
            np.testing.assert_array_equal(together[name][row], alone[name][0])


def test_the_differences_are_those_of_the_check_and_within_the_tolerance(exported):
    differences, allowed = exported.metadata["differences"], exported.metadata["allowed"]
    assert set(differences) == set(exported.metadata["signatures"])
    for name, outputs in differences.items():
        assert outputs.keys() == allowed[name].keys()
        assert all(outputs[key] <= allowed[name][key] for key in outputs)
    for name in ("serving_default", "reconstruct", "encode", "decode", "sample"):
        assert max(differences[name].values()) <= 1e-5


def test_the_metadata_say_where_the_version_comes_from(exported):
    metadata = json.loads((exported.path / "metadata.json").read_text())
    assert metadata == exported.metadata
    record = exported.run.record
    assert metadata["model"]["protocol"] == record["protocol"]
    assert metadata["model"]["metrics"] == exported.run.metrics
    assert metadata["model"]["data"]["sha256"] == record["data"]["sha256"]
    assert metadata["versions"]["tensorflow"] == tf.__version__
    assert metadata["versions"]["python"] == platform.python_version()
    age = datetime.now(timezone.utc) - datetime.fromisoformat(metadata["exported"])
    assert timedelta(0) <= age < timedelta(hours=1)
    assert metadata["signatures"]["encode"]["inputs"]["x"]["shape"] == [None, 8, 8]
    assert metadata["signatures"]["encode"]["inputs"]["x"]["range"] == [0, 1]
    assert metadata["serving_protocol"][0].endswith("K = 10")
    assert "drawn as Bernoulli(gray)" in metadata["serving_protocol"][1]
    assert metadata["warmup_batch_sizes"] == [1, 8, 64]
    assert metadata["tolerance"] == 1e-5
    assert metadata["differences_from_training_precision"] is None
    again = keras_vae.export.export.weights_hash(exported.run.vae)
    assert metadata["weights_sha256"] == again


def test_a_run_passes_on_what_it_knows_of_its_model(exported, monkeypatch):
    def note(*arguments):
        return inspect.signature(export_version).bind(*arguments).arguments

    monkeypatch.setattr("keras_vae.runs.run.export_version", note)
    run, progress = exported.run, print
    given = run.export(7, 3, (2,), progress)
    assert given == {
        "vae": run.vae, "folder": run.path, "version": 7, "samples": 3, "batch_sizes": (2,),
        "binarization": "dynamic", "x_range": run.record["data"]["range"],
        "record": {"model": {**run.record, "metrics": run.metrics}}, "progress": progress,
        "conditions": (), "columns": (),
    }  # fmt: skip
    # a run that was fitted before the range was recorded
    data = {key: value for key, value in run.record["data"].items() if key != "range"}
    older = dataclasses.replace(run, record={**run.record, "data": data})
    assert older.export()["x_range"] is None


@pytest.fixture
def unchecked_vae(small_vae, monkeypatch):
    """A small model, exported without the check."""
    monkeypatch.setattr(
        export, "ask_served", lambda working: {"faults": [], "differences": {}, "allowed": {}}
    )
    return small_vae()


@pytest.fixture(scope="module")
def graph(tmp_path_factory):
    """Where the first SavedModel that `vector_vae` writes is kept."""
    return tmp_path_factory.mktemp("graph") / "first"


@pytest.fixture
def vector_vae(unchecked_vae, graph, monkeypatch):
    """The same, for tests of all but the graph: that of the first export stands for the others,
    which take most of their time to trace theirs."""
    write_saved_model = export.write_saved_model

    def write(folder, functions):
        if not graph.exists():
            write_saved_model(graph, functions)
        shutil.copytree(graph, folder, dirs_exist_ok=True)

    monkeypatch.setattr(export, "write_saved_model", write)
    return unchecked_vae


@pytest.mark.slow
def test_versions_count_up_and_a_taken_one_is_refused_at_once(vector_vae, tmp_path, monkeypatch):
    for expected in ("1", "2"):
        path, _ = export_version(vector_vae, tmp_path / "vae")
        assert path.name == expected
    assert export_version(vector_vae, tmp_path / "vae", 7)[0].name == "7"
    monkeypatch.setattr(export, "write_saved_model", None)  # not reached
    with pytest.raises(RunError, match=r"2 exists, and a version is never overwritten.* next, 8"):
        export_version(vector_vae, tmp_path / "vae", 2)


@pytest.mark.slow
def test_the_options_reach_the_signatures(unchecked_vae, tmp_path):
    path, metadata = export_version(
        unchecked_vae,
        tmp_path / "models" / "vae",
        samples=3,
        batch_sizes=(2,),
        record={"model": {"name": "x"}},
    )
    assert "score_image" not in metadata["signatures"]
    assert "3 draws" in metadata["serving_protocol"][0]
    assert metadata["warmup_batch_sizes"] == [2]
    assert metadata["model"] == {"name": "x"}
    for record in tf.data.TFRecordDataset(str(path / WARMUP_FILE)):
        log = prediction_log_pb2.PredictionLog.FromString(record.numpy())
        request = log.predict_log.request
        assert request.model_spec.name == "vae"
        assert {tensor.tensor_shape.dim[0].size for tensor in request.inputs.values()} == {2}
    assert keras_vae.export.check.ask_served(path)["faults"] == []


def test_what_is_checked_is_what_is_published(vector_vae, tmp_path, monkeypatch):
    checked = {}

    def look(working):
        files = [path for path in working.rglob("*") if path.is_file()]
        checked.update({path.relative_to(working): path.read_bytes() for path in files})
        return {"faults": [], "differences": {"encode": {"z_mean": 0.5}}, "allowed": {}}

    monkeypatch.setattr(export, "ask_served", look)
    path, metadata = export_version(vector_vae, tmp_path)
    assert metadata["differences"] == {"encode": {"z_mean": 0.5}}
    assert {file.as_posix() for file in checked} == set(metadata["files"])
    assert changed_files(path, metadata) == []
    for file, content in checked.items():
        assert (path / file).read_bytes() == content


@pytest.mark.slow
@pytest.mark.parametrize(
    ("likelihood", "x_range", "takes_images"),
    [
        ("bernoulli", None, True),
        ("gaussian", None, False),  # any real number
        ("gaussian", (0.0, 1.0), True),
        ("gaussian", (-1.0, 1.0), False),
        ("gaussian", (0.0, 255.0), False),
    ],
)
def test_files_of_images_are_taken_by_models_of_data_between_0_and_1(
    vector_vae, tmp_path, likelihood, x_range, takes_images
):
    vae = keras_vae.VAE(mlp_encoder((5, 5), 1, (4,)), mlp_decoder((5, 5), 1, (4,)), likelihood)
    vae.protocol = {"data": "made", "binarize": "threshold"}
    _, metadata = export_version(vae, tmp_path, x_range=x_range)
    assert ("score_image" in metadata["signatures"]) == takes_images
    # images go through what the model's training made of them
    assert any("gray > 0.5" in line for line in metadata["serving_protocol"]) == takes_images
    support = {"bernoulli": (0, 1), "gaussian": (None, None)}[likelihood]
    x = metadata["signatures"]["encode"]["inputs"]["x"]
    assert x["range"] == list(x_range or support)


@pytest.mark.slow
@pytest.mark.parametrize(("policy", "epsilon"), [("float16", 2**-10), ("bfloat16", 2**-7)])
def test_half_precision_is_exported_in_float32_and_held_against_both(
    tmp_path, binary_x, policy, epsilon
):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(f"mixed_{policy}")
    try:
        keras.utils.set_random_seed(0)
        vae = keras_vae.VAE(mlp_encoder((6,), 2, (16,)), mlp_decoder((6,), 2, (16,)))
    finally:
        keras.config.set_dtype_policy(before)
    vae.compile("adam")
    vae.fit(binary_x, epochs=5, verbose=0)
    path, metadata = export_version(vae, tmp_path)
    encode = signatures_of(path)["encode"]
    graph = encode.graph.as_graph_def()
    half = {"float16": tf.float16, "bfloat16": tf.bfloat16}[policy].as_datatype_enum
    nodes = [node for f in graph.library.function for node in f.node_def]
    assert not [node for node in nodes if node.attr["T"].type == half]
    # the float32 answers, by themselves to 1e-5, and from training's precision
    assert max(max(v.values()) for v in metadata["differences"].values()) <= 1e-4
    relative = metadata["differences_from_training_precision"]
    largest = max(max(values.values()) for values in relative.values())
    assert epsilon / 100 < largest <= 10 * epsilon


def test_the_distance_from_training_is_relative_to_the_norm_of_the_output():
    answers = {"encode": ({}, {"z_mean": np.array([[30.0, 40.0]]), "z_log_var": np.ones(4)})}
    trained = {"encode": ({}, {"z_mean": np.array([[33.0, 44.0]]), "z_log_var": np.ones(4)})}
    relative = export._relative(trained, answers)
    assert relative == {"encode": {"z_mean": pytest.approx(5 / 50), "z_log_var": 0}}


def test_ten_roundings_of_half_precision_are_allowed_and_nan_is_not():
    def too_far(roundings):
        return export._too_far({"encode": {"z_mean": roundings * 2**-7, "z_log_var": 0.0}}, 2**-7)

    assert too_far(9.9) == []
    for roundings, said in ((10.1, "0.079"), (np.nan, "nan")):
        (fault,) = too_far(roundings)
        assert fault.startswith(f"encode, output z_mean: differs by {said} of its norm")
    assert export._too_far(None, None) == []


@pytest.mark.slow
def test_a_float32_that_is_another_model_is_not_published(tmp_path, mixed_precision, monkeypatch):
    vae = keras_vae.VAE(mlp_encoder((6,), 2, (16,)), mlp_decoder((6,), 2, (16,)))
    in_float32 = export.in_float32

    def with_one_weight_changed(vae):
        copy = in_float32(vae)
        copy.encoder.layers[-1].bias.assign_add([1.0, 1.0])
        return copy

    monkeypatch.setattr(export, "in_float32", with_one_weight_changed)
    with pytest.raises(RunError, match=r"output z_(mean|log_var): differs by .* of its norm"):
        export_version(vae, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_what_the_check_finds_is_not_published(small_vae, tmp_path, monkeypatch):
    write_saved_model = export.write_saved_model

    def with_a_defect(folder, functions):
        encode, inputs = functions["encode"]
        functions["encode"] = lambda x: {k: 1.01 * v for k, v in encode(x).items()}, inputs
        write_saved_model(folder, functions)

    vae = small_vae()
    vae.encoder.layers[-1].bias.assign([2.0, 2.0])
    monkeypatch.setattr(export, "write_saved_model", with_a_defect)
    with pytest.raises(RunError, match=r"not exported.* output z_\w+: differs from the Keras"):
        export_version(vae, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_every_fault_is_told(vector_vae, tmp_path, monkeypatch):
    report = {"faults": ["the first", "the second"], "differences": {}, "allowed": {}}
    monkeypatch.setattr(export, "ask_served", lambda working: report)
    with pytest.raises(RunError, match="a check failed: the first; the second"):
        export_version(vector_vae, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("stop", [KeyboardInterrupt, RuntimeError])
@pytest.mark.parametrize("stage", ["signatures", "reference answers", "publish"])
def test_nothing_is_left_wherever_it_stops(vector_vae, tmp_path, stage, stop):
    def progress(what):
        if what == stage:
            raise stop

    with pytest.raises(stop):
        export_version(vector_vae, tmp_path, progress=progress)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_named(vector_vae, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match=r"vae: cannot be made \(Not a directory\)"):
        export_version(vector_vae, tmp_path / "file" / "vae")


def test_without_the_extra_there_are_no_warmup_requests(vector_vae, tmp_path, monkeypatch):
    monkeypatch.setattr(export, "can_write_warmup", lambda: False)
    path, metadata = export_version(vector_vae, tmp_path)
    assert metadata["warmup_batch_sizes"] is None
    assert {file.name for file in (path / "assets.extra").iterdir()} == {"reference.npz"}


def test_a_full_disk_leaves_nothing_and_one_line(exported, tmp_path, full_disk):
    folder = shutil.copytree(exported.run.path, tmp_path / "vae")
    shutil.rmtree(folder / "1")
    before = sorted(folder.rglob("*"))
    run = dataclasses.replace(exported.run, path=folder)
    for size in (1000, 40_000):  # the graph, the variables
        told = r"writing failed \(File too large"
        with pytest.raises(RunError, match=told) as error, full_disk(size):
            run.export()
        assert "\n" not in str(error.value)
        assert sorted(folder.rglob("*")) == before
