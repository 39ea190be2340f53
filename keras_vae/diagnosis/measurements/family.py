"""What p(x|z) is, by its properties: rules ask for these, and not for a family by name."""

from typing import Any

from keras_vae.diagnosis.subjects.likelihoods import Gaussian
from keras_vae.diagnosis.subjects.subject import Subject
from keras_vae.errors import DoesNotApply

__all__ = ["Family"]


class Family:
    """Properties of the likelihood of a subject.

    Attributes:
        subject: `Subject`.
        likelihood: the subject's; a Gaussian without sigma gets one.
    """

    subject: Subject
    likelihood: Any

    @property
    def is_of_columns(self) -> bool:
        """Whether p(x|z) is that of a table, a family for each column."""
        return self.likelihood.name == "columns"

    def check_one_unit(self) -> None:
        """Passes data whose entries are all of one unit.

        Raises:
            DoesNotApply: for a table.
        """
        if self.is_of_columns:
            raise DoesNotApply(
                "does not apply: it compares values of different entries, and the columns of a "
                "table have units of their own"
            )

    @property
    def is_discrete(self) -> bool:
        """Whether log p(x|z) is the log of a probability, and not of a density."""
        return bool(getattr(self.likelihood, "is_discrete", False))

    @property
    def is_binary(self) -> bool:
        """Whether p(x|z) gives probability to 0 and 1 only."""
        is_binary = self.is_discrete and tuple(self.likelihood.support) == (0, 1)
        return bool(getattr(self.likelihood, "is_binary", is_binary))

    @property
    def sigma(self) -> Any:
        """The one standard deviation of all entries given z, a number; None where they have not
        one."""
        return None if self.decodes_sigma else getattr(self.likelihood, "sigma", None)

    @property
    def leaves_sigma_open(self) -> bool:
        """Whether the model of another has squared errors and not a sigma."""
        likelihood = self.subject.likelihood
        return isinstance(likelihood, Gaussian) and likelihood.sigma is None

    @property
    def decodes_sigma(self) -> bool:
        """Whether the decoder of the model of another outputs (mean, log variance)."""
        return getattr(self.subject.likelihood, "sigma", None) == "decoded"
