import keras
import numpy as np
import tensorflow as tf

import keras_vae
from keras_vae.packages import package_versions


def test_the_versions_are_those_of_the_imported_packages():
    versions = package_versions()
    assert versions["tensorflow"] == tf.__version__
    assert versions["keras"] == keras.__version__
    assert versions["numpy"] == np.__version__
    assert set(versions) >= {"python", "keras_vae", "tensorflow_probability"}
    assert keras_vae.__name__ in versions
