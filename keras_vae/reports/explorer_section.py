"""The words and the empty places around a latent explorer."""

from collections.abc import Mapping
from html import escape
from typing import Any

from keras_vae.reports.page import template

__all__ = ["explorer_html"]

PICTURES = """<figure class="large"><canvas class="decoded"></canvas>
<figcaption>mean of p(x|z) here</figcaption></figure>
<figure><canvas class="input"></canvas><figcaption>nearest x</figcaption></figure>
<figure><canvas class="reconstruction"></canvas><figcaption>its reconstruction</figcaption></figure>
<p class="faint"><span class="place"></span>. Nearest example: <span class="example"></span></p>"""
ROWS = """<p class="faint">Decoded at <span class="place"></span>. Nearest example:
<span class="example"></span></p>
<div class="rows" tabindex="0" role="region" aria-label="Decoded row{whose}"><table><thead><tr>
<th scope="col">column</th><th scope="col">decoded here</th><th scope="col">nearest x</th>
<th scope="col">its reconstruction</th></tr></thead><tbody class="cells"></tbody></table></div>"""


def explorer_html(data: Mapping[str, Any], number: int, whose: str) -> str:
    """HTML of an explorer.

    Args:
        data: as `explorer_data` gives it.
        number: of the explorer on its page, from 0.
        whose: the name of its model, where there are several.
    """
    of = f" of {escape(whose)}" if whose else ""
    rows = data["looks"]["kind"] == "row"
    return template(
        "explorer.html",
        source=f"explorer-{number}",
        whose=of,
        kind=data["looks"]["kind"],
        shown=(ROWS if rows else PICTURES).format(whose=of),
        marks=escape(_marks(data)),
        how=escape(_how(data)),
    )


def _marks(data: Mapping[str, Any]) -> str:
    """What is drawn beside the points."""
    if data["latents"] == 1:
        return (
            "The one latent runs across; up and down mean nothing, and keep points apart. Beside "
            "the nearest example are 1 and 2 standard deviations of its q(z|x)."
        )
    words = ["The two ellipses are 1 and 2 standard deviations of q(z|x) of the nearest example."]
    if data["standard_prior"]:
        words.append("The dashed circles are 1, 2 and 3 of the prior.")
    if data.get("epochs"):
        words.append(
            "The slider moves codes alone: ellipses and what is decoded are always those of the "
            "model itself."
        )
    return " ".join(words)


def _how(data: Mapping[str, Any]) -> str:
    """What a reader has to know about what is shown."""
    shown, total = data["points"], data["total"]
    words = [f"{shown:,} of {total:,} examples of the {data['split']} split are shown."]
    kept = data["inputs"]["count"]
    if kept < shown:
        words.append(f"The inputs of the first {kept:,} are in this page, for its size.")
    if "decoder" in data:
        decoder = data["decoder"]
        words.append(
            f"The decoder itself runs in this page, with its weights in {decoder['dtype']}: at "
            f"{decoder['probes']} latents it differs from the model by at most "
            f"{decoder['difference']:.1g} of the range of a value."
        )
    else:
        grid = data["grid"]
        between = "the nearest node" if data["looks"]["kind"] == "row" else "a blend of four nodes"
        words.append(
            f"Decoded beforehand on a grid of {grid['side']} by {grid['side']} nodes, what is "
            f"shown is {between}: {grid['reason']}."
        )
        if data["latents"] > 2:
            words.append("The other latents are 0; reconstructions are those of the model.")
        if grid["of_first"]:
            words.append("It is given the condition of the first example.")
    if data["looks"]["kind"] == "row":
        words.append("Of numbers the mean is decoded, of categories the most probable one.")
    return " ".join(words)
