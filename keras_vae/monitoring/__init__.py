"""What to watch while a VAE is trained: Keras callbacks for anyone's `fit`.

`LatentRates` and `TrainingState` put their figures into the `logs` of each epoch, where every
callback after them finds them: Keras's own, MLflow's, Weights & Biases', and `EventLog`.
"""

from keras_vae.monitoring.code_track import CodeTrack
from keras_vae.monitoring.event_log import EventLog
from keras_vae.monitoring.latent_rates import LatentRates
from keras_vae.monitoring.tensorboard_pictures import TensorBoardPictures
from keras_vae.monitoring.training_state import TrainingState

__all__ = ["CodeTrack", "EventLog", "LatentRates", "TensorBoardPictures", "TrainingState"]
