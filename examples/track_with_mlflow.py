"""A training in MLflow: its own callback records what the callbacks before it put into `logs`.

Needs: pip install mlflow
Usage: python examples/track_with_mlflow.py [epochs]

MLflow writes where MLFLOW_TRACKING_URI says, by default beside where you are; look at it with
`mlflow ui`.
"""

import sys

import mlflow

import keras_vae as kv
from keras_vae.monitoring import LatentRates, TrainingState
from keras_vae.networks import mlp_decoder, mlp_encoder

epochs = int(sys.argv[1]) if len(sys.argv) > 1 else 10
data = kv.load_data("digits")  # 8x8 images in [0, 1]
x_train = kv.data.binarize(data.train.x, "static", "train")
x_validation = kv.data.binarize(data.validation.x, "static", "validation")

vae = kv.VAE(mlp_encoder((8, 8), 3, hidden=(64,)), mlp_decoder((8, 8), 3, hidden=(64,)))
vae.compile("adam")
with mlflow.start_run() as run:
    vae.fit(
        x_train,
        validation_data=(x_validation,),
        epochs=epochs,
        verbose=2,
        callbacks=[
            LatentRates(x_validation),
            TrainingState(x_train[:128]),
            mlflow.keras.MlflowCallback(),  # after those whose figures it shall record
        ],
    )
    mlflow.flush_async_logging()  # it records in the background

print(f"MLflow recorded at {mlflow.get_tracking_uri()}:")
for name, value in sorted(mlflow.get_run(run.info.run_id).data.metrics.items()):
    print(f"  {name} {value:.3f}")
