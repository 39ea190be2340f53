"""How wrong filled gaps are; needs NumPy alone, for rivals in environments of their own."""

import numpy as np

CATEGORIES = ("binary", "categorical")  # whose gaps take the most frequent value


def imputation_error(filled, truth, hidden, mask, kinds):
    """The mean over the columns of the error of their hidden cells: of categories the share of
    wrong ones, of others the root mean squared error in standard deviations of what is observed.

    Args:
        filled, truth, hidden, mask: (N, C); hidden bool, mask 1 where a cell stayed.
        kinds: of the columns.
    """
    found = []
    for j, kind in enumerate(kinds):
        rows = hidden[:, j]
        if rows.sum() < 3:
            continue
        if kind in CATEGORIES:
            found.append((np.round(filled[rows, j]) != truth[rows, j]).mean())
        else:
            spread = truth[mask[:, j] == 1, j].std()
            found.append(np.sqrt(((filled[rows, j] - truth[rows, j]) ** 2).mean()) / spread)
    return np.mean(found)
