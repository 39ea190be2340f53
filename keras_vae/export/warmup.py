"""Warm-up requests: what a server runs on a new version before it shows it to clients.

Without them the first client of each signature and batch size waits for TensorFlow to plan its
graph.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf

from keras_vae.errors import RunError
from keras_vae.export.saved_model import file_errors
from keras_vae.export.served import Answers

__all__ = ["WARMUP_FILE", "can_write_warmup", "write_warmup"]

WARMUP_FILE = "assets.extra/tf_serving_warmup_requests"  # where TensorFlow Serving looks
MOST_RECORDS = 1000  # TensorFlow Serving refuses a file with more


def can_write_warmup() -> bool:
    """Whether TensorFlow Serving's messages are installed (the extra `serving`).

    Looks for the messages themselves: other packages are called `tensorflow_serving` too.
    """
    try:
        from tensorflow_serving.apis import predict_pb2, prediction_log_pb2  # noqa: F401
    except ImportError:
        return False
    return True


def write_warmup(folder: Path, name: str, answers: Answers, batch_sizes: Sequence[int]) -> None:
    """Writes one request for each signature and batch size, as `PredictionLog` records.

    Args:
        folder: of the SavedModel.
        name: what the server calls the model.
        answers: dict of signature -> (dict of inputs, dict of outputs), as from `reference`; its
            rows are repeated to fill a batch.
        batch_sizes: those that the server allows.

    Raises:
        RunError: if there are more requests than a server reads.
        OSError: if the file cannot be written.
    """
    from tensorflow_serving.apis import predict_pb2, prediction_log_pb2

    count = len(answers) * len(batch_sizes)
    if count > MOST_RECORDS:
        raise RunError(
            f"{count} warm-up requests ({len(answers)} signatures x {len(batch_sizes)} batch "
            f"sizes); a server reads at most {MOST_RECORDS}, so give fewer --batch-sizes"
        )
    path = folder / WARMUP_FILE
    path.parent.mkdir(exist_ok=True)
    with file_errors(), tf.io.TFRecordWriter(str(path)) as writer:
        for signature, (inputs, _) in answers.items():
            for batch_size in batch_sizes:
                request = predict_pb2.PredictRequest()
                request.model_spec.name = name
                request.model_spec.signature_name = signature
                for key, rows in inputs.items():
                    batch = rows[np.arange(batch_size) % len(rows)]
                    request.inputs[key].CopyFrom(tf.make_tensor_proto(batch))
                log = prediction_log_pb2.PredictLog(request=request)
                record = prediction_log_pb2.PredictionLog(predict_log=log)
                writer.write(record.SerializeToString())
