from evidence.conftest import linear, squares  # noqa: F401
