"""Options of `kvae fit` to try next: from those that are in use, and never one of them again.

Each function takes the options of `Config` by name; an empty dictionary stands for a model that
`kvae fit` did not make.
"""

from typing import Any

__all__ = [
    "free_nats",
    "learned_prior",
    "longer_training",
    "longer_warmup",
    "lower_learning_rate",
    "raised_learning_rate",
    "shorter_warmup",
    "unless_in_use",
    "wider_network",
]

# Where nothing else is known: what `kvae fit` uses itself.
USUAL_LEARNING_RATE = 2e-3
USUAL_HIDDEN = {
    "mlp": (512, 256),
    "gated_mlp": (300, 300),
    "conv": (32, 64),
    "resnet": (16, 32, 32),
}
# Beyond it Adam seldom learns anything.
LARGEST_LEARNING_RATE = 1e-2
USUAL_FREE_NATS = 2.0


def unless_in_use(options: dict[str, Any], name: str, value: Any, words: str) -> str:
    """The words, or none where the option has that value already."""
    return "" if options.get(name) == value else words


def lower_learning_rate(options: dict[str, Any]) -> str:
    """A quarter of the learning rate."""
    rate = options.get("learning_rate", USUAL_LEARNING_RATE) / 4
    return f"kvae fit --learning-rate {rate:.2g}"


def raised_learning_rate(options: dict[str, Any]) -> str:
    """Twice the learning rate, as the end of a sentence; empty where that is too large."""
    if "learning_rate" not in options:
        return f", or at a larger learning rate (--learning-rate {USUAL_LEARNING_RATE:g})"
    rate = 2 * options["learning_rate"]
    if rate > LARGEST_LEARNING_RATE:
        return ""
    return f", or at a larger learning rate (--learning-rate {rate:.2g})"


def longer_training(options: dict[str, Any]) -> str:
    """Twice the epochs."""
    if "epochs" not in options:
        return "kvae fit --epochs, twice as many"
    return f"kvae fit --epochs {2 * options['epochs']}"


def wider_network(options: dict[str, Any]) -> str:
    """Twice the width of each hidden layer."""
    hidden = options.get("hidden") or USUAL_HIDDEN[options.get("network", "mlp")]
    return f"kvae fit --hidden {','.join(str(2 * width) for width in hidden)}"


def longer_warmup(options: dict[str, Any]) -> str:
    """A warm-up of 0.3 of training, or of half of it; nothing where it is as long already."""
    longer = [part for part in (0.3, 0.5) if part > options.get("warmup", 0)]
    return f"kvae fit --warmup {longer[0]:g}" if longer else ""


def shorter_warmup(options: dict[str, Any]) -> str:
    """A warm-up of 0.2 of training, or of half of what there is."""
    used = options.get("warmup") or 1.0
    return f"kvae fit --warmup {min(0.2, used / 2):.2g}"


def learned_prior(options: dict[str, Any]) -> str:
    """A prior that can be more than the one in use; empty where that is a flow."""
    richer = {"standard": "mixture", "mixture": "flow", "vamp": "flow"}
    prior = richer.get(options.get("prior", "standard"))
    if prior is None:
        return ""
    # beta-tc knows the standard prior alone
    changed = "--objective elbo " if options.get("objective") == "beta-tc" else ""
    return f"kvae fit {changed}--prior {prior}"


def free_nats(options: dict[str, Any]) -> str:
    """Free nats, or twice as many; with what they do not go together with taken back."""
    needed = {"objective": "elbo", "gradient": "plain"}
    changed = [f"--{k} {v} " for k, v in needed.items() if options.get(k, v) != v]
    nats = 2 * options.get("free_nats", 0) or USUAL_FREE_NATS
    return f"{''.join(changed)}--free-nats {nats:g}"
