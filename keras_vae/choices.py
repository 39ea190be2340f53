"""The names that options of a run may have."""

__all__ = [
    "ACTIVATIONS",
    "ALPHAS",
    "BINARIZATIONS",
    "CHANNELS",
    "COUNTS",
    "DATA",
    "DISTRIBUTIONS",
    "GRADIENTS",
    "GRADIENTS_OF",
    "IMAGE_NETWORKS",
    "LIKELIHOODS",
    "NETWORKS",
    "OBJECTIVES",
    "POSTERIORS",
    "PRECISIONS",
    "PRIORS",
    "READING",
    "SCHEDULES",
    "SPLIT_COLUMNS",
]

DATA = ("mnist5k", "mnist", "fashion_mnist", "digits")  # what has a name; else a path
NETWORKS = ("mlp", "gated_mlp", "conv", "resnet")
IMAGE_NETWORKS = ("conv", "resnet")
ACTIVATIONS = ("relu", "tanh", "elu")
LIKELIHOODS = (
    "bernoulli",
    "gaussian",
    "diagonal_gaussian",
    "log_normal",
    "continuous_bernoulli",
    "discretized_logistic",
    "poisson",
    "negative_binomial",
    "zero_inflated_negative_binomial",
    "columns",
)
COUNTS = ("poisson", "negative_binomial", "zero_inflated_negative_binomial")
PRIORS = ("standard", "mixture", "vamp", "flow")
POSTERIORS = ("diagonal", "full", "iaf")
OBJECTIVES = ("elbo", "iwae", "beta-tc")
GRADIENTS = ("plain", "dreg", "stl")
# objective -> the estimators of its gradient
GRADIENTS_OF = {"elbo": ("plain", "stl"), "iwae": ("plain", "dreg"), "beta-tc": ("plain",)}
SCHEDULES = ("cosine", "constant", "burda")
BINARIZATIONS = ("dynamic", "static", "threshold", "none")
DISTRIBUTIONS = ("mirrored", "multi-worker")
ALPHAS = ("black", "white", "keep")
CHANNELS = ("first", "last")
SPLIT_COLUMNS = ("split_column", "split_by", "split_order")
READING = (
    "size", "gray", "alpha", "channels", "columns", "label_column", "ignore", "layer",
    *SPLIT_COLUMNS, "condition", "window", "stride",
)  # fmt: skip
PRECISIONS = ("auto", "float32", "mixed_bfloat16", "mixed_float16")
