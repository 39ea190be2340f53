"""Which sentences `kvae explain` says of which model: five models of the default digits.

    python benchmarks/explanations.py --out FOLDER

trains the five (those that stand in FOLDER already are taken as they are), explains each, and
leaves its answers and pictures in FOLDER/NAME/explanations. Then it prints the sentences that not
all of the five have, with numbers left out, and who has them. With names it explains those alone;
--table prints the table of what is there. Models of the same number of latents share the models
that are trained for comparison, which are the same for all of them; the first of each kind takes
as long as kvae explain.
"""

import argparse
import json
import re
import time
from pathlib import Path

MODELS = {
    "healthy": {},
    "collapsed": {"beta": 100.0},
    "beta 0": {"beta": 0.0},
    "beta 8": {"beta": 8.0},
    "10 latents": {"latent": 10},
}
NUMBER = re.compile(r"-?\d[\d,]*\.?\d*(?:e[-+]?\d+)?%?")
SENTENCE = re.compile(r"(?<=[.:])\s+(?=[A-Z(])")


def explain(name, out, shared):
    """Explains a model, which is trained if it is not there; returns the seconds it took."""
    import keras_vae as kv
    from keras_vae.explanations import draw_answers, material
    from keras_vae.explanations.companions import Companions

    if not (out / name).exists():
        kv.fit(kv.Config(**MODELS[name]), out, name, warn=lambda line: None)
    run = kv.load_run(out / name)
    began = time.monotonic()

    def companions(*arguments):
        kind = run.vae.latent_dim
        if kind not in shared:
            shared[kind] = Companions(*arguments)
        return shared[kind]

    material.Companions = companions
    answers = kv.explain(run)
    draw_answers(answers, out / name / "explanations")
    told = json.dumps({"answers": [answer.to_dict() for answer in answers]}, indent=2)
    (out / name / "explanations" / "answers.json").write_text(told)
    return time.monotonic() - began


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
    shared = {}
    for name in [] if options.table else options.names or MODELS:
        print(f"{name}: {explain(name, options.out, shared):.0f} s", flush=True)
    table(options.out)


if __name__ == "__main__":
    main()
