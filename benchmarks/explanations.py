"""Which sentences `kvae explain` says of which model: five models of the default digits.

    python benchmarks/explanations.py --out FOLDER

trains the five (those that stand in FOLDER already are taken as they are), explains each in a
process of its own, and leaves its answers and pictures in FOLDER/NAME/explanations. Then it prints
the sentences that not all of the five have, with numbers left out, and who has them. With names it
explains those alone; --table prints the table of what is there.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

MODELS = {
    "healthy": [],
    "collapsed": ["--beta", "100"],
    "beta 0": ["--beta", "0"],
    "beta 8": ["--beta", "8"],
    "10 latents": ["--latent", "10"],
}
NUMBER = re.compile(r"-?\d[\d,]*\.?\d*(?:e[-+]?\d+)?%?")
SENTENCE = re.compile(r"(?<=[.:])\s+(?=[A-Z(])")


def kvae(*words):
    """Runs a command of `kvae` and returns what it prints."""
    command = [sys.executable, "-m", "keras_vae_cli", *map(str, words)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def explain(name, out):
    """Explains a model, which is trained if it is not there; returns the seconds it took."""
    if not (out / name).exists():
        kvae("fit", "--name", name, "--out", out, *MODELS[name])
    folder = out / name / "explanations"
    shutil.rmtree(folder, ignore_errors=True)
    began = time.monotonic()
    answers = kvae("explain", out / name, "--json", "--output-dir", folder)
    seconds = time.monotonic() - began
    (folder / "answers.json").write_text(answers)
    return seconds


def sentences(answer):
    """The sentences of an answer with # for each number; formulas and tables are left out."""
    text = " ".join(p for p in answer["paragraphs"] if "\n" not in p)
    return [NUMBER.sub("#", sentence.strip()) for sentence in SENTENCE.split(text)]


def table(out):
    """By question, the sentences that not all models have, and which have them."""
    told = {
        name: {a["name"]: sentences(a) for a in json.loads(file.read_text())["answers"]}
        for name in MODELS
        if (file := out / name / "explanations" / "answers.json").exists()
    }
    print("columns:", ", ".join(told))
    for question in next(iter(told.values())):
        each = {name: answers[question] for name, answers in told.items()}
        every = list(dict.fromkeys(sentence for of in each.values() for sentence in of))
        print(f"\n{question}")
        for sentence in every:
            marks = "".join("x" if sentence in of else "." for of in each.values())
            if "." in marks:
                print(f"  {marks}  {sentence}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="of the models; all if left out")
    parser.add_argument("--out", type=Path, required=True, help="folder of the models")
    parser.add_argument("--table", action="store_true", help="explain none, print the table")
    options = parser.parse_args()
    unknown = set(options.names) - set(MODELS)
    if unknown:
        parser.error(f"no model is called {sorted(unknown)[0]!r}; choose from {', '.join(MODELS)}")
    for name in [] if options.table else options.names or MODELS:
        print(f"{name}: {explain(name, options.out):.0f} s", flush=True)
    table(options.out)


if __name__ == "__main__":
    main()
