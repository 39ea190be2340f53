from keras_vae.studies.comparing import compare as compare
from keras_vae.studies.comparison import Comparison as Comparison
from keras_vae.studies.comparison import Configuration as Configuration
from keras_vae.studies.plan import Plan as Plan
from keras_vae.studies.plan import check_sweep as check_sweep
from keras_vae.studies.protocol import Protocol as Protocol
from keras_vae.studies.sweeping import sweep as sweep
from keras_vae.studies.swept import Sweep as Sweep
