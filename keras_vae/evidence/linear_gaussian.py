"""The linear VAE, whose evidence and optimum are known exactly: the oracle of every estimate.

z ~ N(0, I_k),  x|z ~ N(W z + mean, sigma^2 I_D)   (probabilistic PCA, Tipping & Bishop 1999)

NumPy in float64; nats. What a diagonal posterior adds: Lucas et al. 2019, arXiv:1911.02469.
"""

from dataclasses import dataclass

import numpy as np

__all__ = ["LinearGaussian"]


@dataclass(frozen=True)
class LinearGaussian:
    """One linear-Gaussian model.

    Attributes:
        weights: W, (D, k).
        mean: (D,).
        variance: sigma^2, above 0.
    """

    weights: np.ndarray
    mean: np.ndarray
    variance: float

    @classmethod
    def fit(cls, x: np.ndarray, latent_dim: int, variance: float | None = None) -> "LinearGaussian":
        """The maximum-likelihood model of x (N, D), with the principal axes as columns of W.

        sigma^2 = mean of the D - k smallest eigenvalues of the covariance (by 1/N), or `variance`;
        W = U_k max(Lambda_k - sigma^2 I, 0)^(1/2), without a rotation.

        Args:
            x: (N, D), real numbers.
            latent_dim: k, below D.
            variance: sigma^2 where it is given and not learned, above 0: a latent whose
                eigenvalue is not larger is not worth its rate, and stays unused.

        Raises:
            ValueError: if `latent_dim` is not below D, or `variance` is not above 0.
        """
        x = np.asarray(x, "float64")
        dimensions = x.shape[1]
        if not 1 <= latent_dim < dimensions:
            raise ValueError(
                f"latent_dim={latent_dim}: expected 1 to {dimensions - 1} for {dimensions} entries"
            )
        if variance is not None and not variance > 0:
            raise ValueError(f"variance={variance!r}: expected sigma^2 above 0")
        mean = x.mean(axis=0)
        eigenvalues, axes = np.linalg.eigh((x - mean).T @ (x - mean) / len(x))
        eigenvalues, axes = eigenvalues[::-1], axes[:, ::-1]  # the largest first
        if variance is None:
            variance = eigenvalues[latent_dim:].mean()
        scale = np.sqrt(np.maximum(eigenvalues[:latent_dim] - variance, 0))
        return cls(axes[:, :latent_dim] * scale, mean, float(variance))

    @property
    def posterior_precision(self) -> np.ndarray:
        """P of p(z|x) = N(., P^-1), (k, k), the same for all x: P = I + W^T W / sigma^2."""
        return np.eye(self.weights.shape[1]) + self.weights.T @ self.weights / self.variance

    def posterior_mean(self, x: np.ndarray) -> np.ndarray:
        """E[z|x] = P^-1 W^T (x - mean) / sigma^2, (N, k)."""
        projected = (np.asarray(x, "float64") - self.mean) @ self.weights / self.variance
        return np.linalg.solve(self.posterior_precision, projected.T).T

    def log_evidence(self, x: np.ndarray) -> np.ndarray:
        """log p(x) = log N(x; mean, W W^T + sigma^2 I) of each example, (N,)."""
        centred = np.asarray(x, "float64") - self.mean
        dimensions = centred.shape[1]
        # Woodbury: (x - m)^T C^-1 (x - m) = |x - m|^2 / sigma^2 - E[z|x]^T P E[z|x]
        z_mean = self.posterior_mean(x)
        explained = np.sum(z_mean @ self.posterior_precision * z_mean, axis=1)
        distance = np.sum(centred**2, axis=1) / self.variance - explained
        # log det C = D log sigma^2 + log det P
        log_det = dimensions * np.log(self.variance) + self._log_det_precision()
        return -0.5 * (dimensions * np.log(2 * np.pi) + log_det + distance)

    def diagonal_gap(self) -> float:
        """log p(x) - ELBO of the best diagonal q(z|x), the same for all x; 0 without rotation.

        1/2 (sum_j log P_jj - log det P)
        """
        return 0.5 * (np.log(np.diag(self.posterior_precision)).sum() - self._log_det_precision())

    def latent_rates(self) -> np.ndarray:
        """Mean KL(q(z_j|x) || p(z_j)) of each latent at the maximum likelihood, (k,).

        1/2 log(lambda_j / sigma^2) = 1/2 log P_jj, for W without a rotation and the data that
        the model was fitted to; a latent with lambda_j = sigma^2 is not used.
        """
        return 0.5 * np.log(np.diag(self.posterior_precision))

    def active_latents(self) -> np.ndarray:
        """Which latents the model uses, bool (k,): those with a column of W that is not 0.

        The prediction for a VAE trained with this sigma^2; of an active latent the variance of
        E[z_j|x] over the data is 1 - sigma^2 / lambda_j = 1 - 1 / P_jj.
        """
        return np.any(self.weights != 0, axis=0)

    def _log_det_precision(self) -> float:
        return np.linalg.slogdet(self.posterior_precision)[1]
