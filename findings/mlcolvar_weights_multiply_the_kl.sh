#!/bin/sh
# mlcolvar's VAE with sample weights of 1 is another model than without weights: it collapses.
#
# Versions:  mlcolvar 1.3.1, torch 2.13.0 (CPU), lightning 2.6.6; Python 3.11, Linux on x86-64, CPU
# Guess: With "weights" in the data set the loss is a weighted average over the rows, as documented.
# Equal weights give the loss without weights, and a common factor changes nothing: weights from
# reweighting a biased simulation are known up to a factor.
# Behaviour: The KL of each row is multiplied by its weight and SUMMED over the batch; the squared
# error is multiplied by the SQUARE of the weight and averaged. Neither is divided by the weights'
# sum. A weight w in all N rows of a batch makes beta N / w times as large: a hundred times here with
# weights of 1, and more with weights that sum to 1. So beta depends on the batch size, and the
# posterior collapses: the collective variable no longer has to do with the data.
# Seen:
#   loss of 100 rows: error 2.013, KL 1.777; weights of 1: 2.013, 177.663; of 0.01: 0.0002, 1.777
#   no weights: KL 0.359 nats, correlation of the collective variable with the slow mode 0.991
#   weights of 1: KL 0.000 nats, correlation 0.024; no weights, beta 100: KL 0.000 nats
#
# Exit code 0: it still behaves so. 1: it does not. 2: the packages could not be installed.
# VENV=FOLDER keeps the environment there, for another run.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
venv=${VENV:-$folder/venv}
python3 -m venv "$venv"
"$venv/bin/pip" install -q torch==2.13.0 mlcolvar==1.3.1 lightning==2.6.6 || exit 2
cd "$folder"
"$venv/bin/python" -W ignore - <<'END'
import logging

logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
import lightning
import torch
from mlcolvar.core.loss import elbo_gaussians_loss
from mlcolvar.cvs import VariationalAutoEncoderCV
from mlcolvar.data import DictDataset, DictModule

for name in ("lightning.pytorch", "lightning.pytorch.utilities.rank_zero"):
    logging.getLogger(name).setLevel(logging.ERROR)
torch.set_num_threads(1)
torch.manual_seed(0)
x, output = torch.randn(100, 6), torch.randn(100, 6)
mean, log_variance = torch.randn(100, 2), torch.randn(100, 2)


def terms(weight=None):
    """Squared error and KL of the same 100 rows."""
    weights = None if weight is None else torch.full((100,), weight)
    _, error, kl = elbo_gaussians_loss(x, output, mean, log_variance, 1.0, True, weights)
    return float(error), float(kl)


def fitted(weight=None, beta=1.0):
    """KL, and |correlation| of the one latent with the one mode that six columns share."""
    lightning.seed_everything(0, verbose=False)
    mode = torch.randn(1000, 1)
    rows = mode + 0.3 * torch.randn(1000, 6)
    data = {"data": rows}
    if weight is not None:
        data["weights"] = torch.full((1000,), weight)
    model = VariationalAutoEncoderCV(n_cvs=1, encoder_layers=[6, 16], beta=beta)
    trainer = lightning.Trainer(
        max_epochs=60, logger=False, enable_checkpointing=False, enable_progress_bar=False,
        enable_model_summary=False, accelerator="cpu",
    )
    trainer.fit(model, DictModule(DictDataset(data), lengths=[0.8, 0.2], batch_size=100))
    model.eval()
    with torch.no_grad():
        mean, log_variance, _ = model.encode_decode(rows)
    kl = (mean**2 + log_variance.exp() - 1 - log_variance).sum(axis=1).mean() / 2
    return float(kl), abs(float(torch.corrcoef(torch.cat([mean, mode], axis=1).T)[0, 1]))


(error, kl), (error_of_one, kl_of_one), (error_of_less, kl_of_less) = terms(), terms(1.0), terms(0.01)
print(f"loss of 100 rows: error {error:.3f}, KL {kl:.3f}; weights of 1: {error_of_one:.3f}, "
      f"{kl_of_one:.3f}; of 0.01: {error_of_less:.4f}, {kl_of_less:.3f}")
plain, weighted, heavy = fitted(), fitted(weight=1.0), fitted(beta=100.0)
print(f"no weights: KL {plain[0]:.3f} nats, correlation of the collective variable with the slow "
      f"mode {plain[1]:.3f}")
print(f"weights of 1: KL {weighted[0]:.3f} nats, correlation {weighted[1]:.3f}; no weights, beta "
      f"100: KL {heavy[0]:.3f} nats")
assert abs(error_of_one - error) < 1e-4 and abs(kl_of_one - 100 * kl) < 1e-2
assert abs(error_of_less - 1e-4 * error) < 1e-6 and abs(kl_of_less - kl) < 1e-4
assert plain[0] > 0.2 and plain[1] > 0.9
assert weighted[0] < 0.01 and weighted[1] < 0.5
END
