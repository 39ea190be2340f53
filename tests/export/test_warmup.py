import numpy as np
import pytest
import tensorflow as tf
from tensorflow_serving.apis import prediction_log_pb2

from keras_vae.errors import RunError
from keras_vae.export import warmup
from keras_vae.export.warmup import can_write_warmup, write_warmup

ANSWERS = {
    "score": ({"x": np.arange(6, dtype="float32").reshape(3, 2), "seed": np.array([7, 8, -1])}, {}),
    "encode_image": ({"image_bytes": np.array([b"a", b"\x00b\x00", b"c"], dtype=object)}, {}),
}


def requests(path):
    for record in tf.data.TFRecordDataset(str(path)):
        log = prediction_log_pb2.PredictionLog.FromString(record.numpy())
        assert log.WhichOneof("log_type") == "predict_log"
        yield log.predict_log.request


def test_there_is_one_request_for_each_signature_and_batch_size(tmp_path):
    write_warmup(tmp_path, "vae", ANSWERS, (1, 5))
    path = tmp_path / "assets.extra" / "tf_serving_warmup_requests"
    found = [
        (
            request.model_spec.name,
            request.model_spec.signature_name,
            {name: tf.make_ndarray(value).tolist() for name, value in request.inputs.items()},
        )
        for request in requests(path)
    ]
    a, b, c = ANSWERS["score"][0]["x"].tolist()
    assert found == [
        ("vae", "score", {"x": [a], "seed": [7]}),
        ("vae", "score", {"x": [a, b, c, a, b], "seed": [7, 8, -1, 7, 8]}),
        ("vae", "encode_image", {"image_bytes": [b"a"]}),
        ("vae", "encode_image", {"image_bytes": [b"a", b"\x00b\x00", b"c", b"a", b"\x00b\x00"]}),
    ]


def test_the_requests_have_the_dtypes_of_the_signature(tmp_path):
    write_warmup(tmp_path, "vae", ANSWERS, (2,))
    first, second = requests(tmp_path / warmup.WARMUP_FILE)
    assert first.inputs["x"].dtype == tf.float32.as_datatype_enum
    assert first.inputs["seed"].dtype == tf.int64.as_datatype_enum
    assert second.inputs["image_bytes"].dtype == tf.string.as_datatype_enum


def test_more_requests_than_a_server_reads_are_refused(tmp_path):
    message = (
        r"1001 warm-up requests \(1 signatures x 1001 batch sizes\); a server reads at most 1000, "
        "so give fewer --batch-sizes"
    )
    with pytest.raises(RunError, match=message):
        write_warmup(tmp_path, "vae", {"score": ANSWERS["score"]}, range(1, 1002))
    assert list(tmp_path.iterdir()) == []
    write_warmup(tmp_path, "vae", ANSWERS, [1] * 500)  # as many as it reads
    assert len(list(requests(tmp_path / warmup.WARMUP_FILE))) == 1000


def test_a_file_that_cannot_be_written_is_an_error_of_the_file_system(tmp_path):
    (tmp_path / warmup.WARMUP_FILE).mkdir(parents=True)
    with pytest.raises(OSError, match="Is a directory"):
        write_warmup(tmp_path, "vae", ANSWERS, (1,))


def test_without_the_extra_no_requests_can_be_written(no_serving_messages):
    assert not can_write_warmup()


def test_another_package_called_tensorflow_serving_is_not_the_extra(namesake):
    assert not can_write_warmup()


def test_with_the_extra_they_can():
    assert can_write_warmup()
