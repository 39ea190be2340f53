"""Plan: what a sweep is, as one record; read and written without TensorFlow."""

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from keras_vae.aliases import PathLike
from keras_vae.choices import DATA
from keras_vae.config import Config
from keras_vae.errors import ConfigError, RunError
from keras_vae.files.paths import check_data, check_exists, check_folder, run_path
from keras_vae.files.records import read_json
from keras_vae.studies.words import value_text

__all__ = ["FIGURES", "SWEEP", "Plan", "check_sweep", "check_sweep_place", "plan_of"]

SWEEP = "sweep.json"
FIGURES = "figures.json"  # of a run in a sweep
LONGEST_NAME = 80  # letters of a run's folder
OPTIONS = tuple(field.name for field in fields(Config))


@dataclass(frozen=True)
class Plan:
    """The product of some values of some options, each with the same seeds.

    Attributes:
        options: of every run, as `Config.to_dict` has them.
        vary: the options that take several values, and those values.
        seeds: of each configuration.
        k, examples: number of samples of the bound L_K, and of how many test examples.
    """

    options: dict[str, Any]
    vary: dict[str, list[Any]]
    seeds: list[int]
    k: int
    examples: int

    @property
    def configurations(self) -> list[dict[str, Any]]:
        """The values of the varied options, one dictionary a configuration; the last option varies
        fastest."""
        products = itertools.product(*self.vary.values())
        return [dict(zip(self.vary, values, strict=True)) for values in products]

    @property
    def runs(self) -> dict[str, Config]:
        """The `Config` of each run, by the name of its folder."""
        names = [_name(chosen, seed) for chosen, seed in self._pairs()]
        if max(Counter(names).values()) > 1 or max(map(len, names)) > LONGEST_NAME:
            names = [f"run-{number}" for number in range(1, len(names) + 1)]
        configs = [self.config(chosen, seed) for chosen, seed in self._pairs()]
        return dict(zip(names, configs, strict=True))

    def config(self, chosen: Mapping[str, Any], seed: int) -> Config:
        """The `Config` of one run."""
        return Config.from_dict({**self.options, **chosen, "seed": seed})

    def _pairs(self) -> Iterator[tuple[dict[str, Any], int]]:
        return itertools.product(self.configurations, self.seeds)

    def of_configuration(self, chosen: Mapping[str, Any]) -> list[str]:
        """The names of the runs of one configuration, in the order of the seeds."""
        first = self.configurations.index(dict(chosen)) * len(self.seeds)
        return list(self.runs)[first : first + len(self.seeds)]

    def to_dict(self) -> dict[str, Any]:
        """The plan as a dictionary that `json` can write."""
        return asdict(self)


def _name(chosen: Mapping[str, Any], seed: int) -> str:
    """'beta-0.1_latent-2_seed-0', of letters that every file system takes."""
    parts = [*chosen.items(), ("seed", seed)]
    return "_".join(
        re.sub(r"[^\w.+-]", "-", f"{name}-{value_text(value)}".replace(",", "+"))
        for name, value in parts
    )


def plan_of(
    config: Config,
    vary: Mapping[str, Sequence[Any]],
    seeds: int = 1,
    k: int = 1000,
    examples: int = 200,
) -> Plan:
    """The plan of a sweep, each of its configurations checked as far as no data are needed.

    Args:
        config: `Config` that all runs share; its seed is the first.
        vary: for the name of each varied option, which is a field of `Config`, its values; of
            `seed`, the seeds themselves.
        seeds: how many for each configuration.
        k, examples: as `Plan` has them.

    Raises:
        ConfigError: if an option is unknown, has no value, one twice, or one out of its range.
        DataError: if a name or path is not one of data.
    """
    for name, values in vary.items():
        if name not in OPTIONS:
            raise ConfigError(
                f"--vary {name}: is not an option of a run; expected one of {', '.join(OPTIONS)}"
            )
        twice = [value for value in values if list(values).count(value) > 1]
        if twice:
            raise ConfigError(f"--vary {name}: {value_text(twice[0])} twice; name each value once")
        if not values:
            raise ConfigError(f"--vary {name}: has no values; expected {name}=VALUE,VALUE")
    varied = {name: [_whole(name, value) for value in values] for name, values in vary.items()}
    if "seed" in varied and seeds > 1:
        raise ConfigError(f"--vary seed names the seeds, and --seeds {seeds} others; choose one")
    chosen_seeds = varied.pop("seed", list(range(config.seed, config.seed + seeds)))
    options = {name: _whole(name, value) for name, value in config.to_dict().items()}
    plan = Plan({**options, "seed": 0}, varied, chosen_seeds, k, examples)
    for each in plan.runs.values():
        if each.distribute == "multi-worker":
            raise ConfigError("--distribute multi-worker: is for a single run; leave it out")
        check_data(str(each.data), each.stream, each.reading)
        if each.columns is not None:
            check_exists(each.columns)
    return plan


def _whole(name: str, value: Any) -> Any:
    """A value as JSON has it, paths so that they hold from any directory."""
    if isinstance(value, tuple):
        return list(value)
    is_path = (name == "data" and value not in DATA) or (name == "columns" and value is not None)
    return str(Path(value).resolve()) if is_path else value


def check_sweep(
    config: Config,
    vary: Mapping[str, Sequence[Any]],
    seeds: int,
    out: PathLike,
    name: str,
    k: int,
    examples: int,
) -> tuple[Plan, Path]:
    """The plan of a sweep and its place; refuses either as far as no data are needed, and loads
    nothing that takes time.

    Raises:
        ConfigError, DataError, RunError: as `plan_of` and `check_sweep_place`.
    """
    plan = plan_of(config, vary, seeds, k, examples)
    return plan, check_sweep_place(out, name, plan)


def check_sweep_place(out: PathLike, name: str, plan: Plan) -> Path:
    """Where the sweep called `name` stands or will stand.

    Raises:
        RunError: if something else stands there, such as a sweep of other options.
    """
    path = run_path(out, name)
    if not (path / SWEEP).is_file():
        # a sweep that was killed before it began leaves hidden files at most
        if path.exists() and any(not each.name.startswith(".") for each in path.iterdir()):
            raise RunError(f"{path} exists and is not a sweep; choose another --name")
        check_folder(path, "choose another place with --out")
        return path
    found = read_json(path / SWEEP).get("plan", {})
    wanted = plan.to_dict()
    for part in ("options", "vary"):
        was, now = found.get(part, {}), wanted[part]
        for option in {**was, **now}:
            if was.get(option) != now.get(option):
                raise RunError(_other(path, option, was.get(option), now.get(option)))
    for part, option in (("seeds", "seeds"), ("k", "k"), ("examples", "examples")):
        if found.get(part) != wanted[part]:
            raise RunError(_other(path, option, found.get(part), wanted[part]))
    return path


def _other(path: Path, option: str, was: Any, now: Any) -> str:
    return (
        f"{path} holds a sweep of other options ({option}: {value_text(was)} there, "
        f"{value_text(now)} now); repeat its options to go on with it, or choose another --name"
    )
