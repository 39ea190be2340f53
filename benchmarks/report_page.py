"""Does the page of `kvae report` open at once, and decode what the model decodes?

Usage: python benchmarks/report_page.py MODEL [PAGE] [--chromium FILE] [--axe FILE] [--shots FOLDER]

MODEL is a folder of `kvae fit` of images with a decoder of dense layers; PAGE its report, by
default MODEL/report.html. It needs a Chromium (`apt-get install chromium`), `pip install
playwright` and, for accessibility, axe (`npm install axe-core`, then --axe
node_modules/axe-core/axe.min.js). With --shots it leaves pictures of the whole page, light and
dark, wide and narrow.

Opened five times from disk, each time in a new context; the time goes from the navigation to the
first picture. Pixels are compared with `VAE.decode` at the place of the pointer. Redraws are
counted while the pointer moves in every frame for two seconds.
"""

import argparse
import json
import re
import statistics
import time
from pathlib import Path

import numpy as np
from playwright.sync_api import sync_playwright

import keras_vae

WIDE, NARROW = 1400, 390
PLACES = ((0.62, 0.4), (0.3, 0.7), (0.5, 0.5), (0.15, 0.2), (0.8, 0.85))  # shares of the plane
STEPS = ("ArrowRight", "ArrowUp", "ArrowUp", "ArrowLeft", "ArrowDown")
STEP = 0.02  # of the reach, of an arrow key
DRAWN = re.compile(r"\S")  # what stands in `.place`, which is written with the first picture
PIXELS = """() => {
  const { width, height } = document.querySelector('.decoded');
  const copy = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  copy.drawImage(document.querySelector('.decoded'), 0, 0);
  const { data } = copy.getImageData(0, 0, width, height);
  return Array.from(data).filter((_, i) => i % 4 === 0);
}"""
REDRAWS = """async () => {
  const own = CanvasRenderingContext2D.prototype.putImageData;
  const decoded = document.querySelector('.decoded'), plane = document.querySelector('.plane');
  let redraws = 0, frames = 0, points = 0;
  CanvasRenderingContext2D.prototype.putImageData = function (...given) {
    if (this.canvas === decoded) redraws++;
    return own.apply(this, given);
  };
  const fill = CanvasRenderingContext2D.prototype.fillText;
  CanvasRenderingContext2D.prototype.fillText = function (...given) {
    points++; // the axes have words, which are written with the points only
    return fill.apply(this, given);
  };
  const box = plane.getBoundingClientRect(), begun = performance.now();
  while (performance.now() - begun < 2000) {
    const turn = (performance.now() - begun) / 400;
    plane.dispatchEvent(new PointerEvent('pointermove', {
      pointerType: 'mouse',
      clientX: box.left + box.width * (0.5 + 0.4 * Math.cos(turn)),
      clientY: box.top + box.height * (0.5 + 0.4 * Math.sin(1.7 * turn)),
    }));
    await new Promise(requestAnimationFrame);
    frames++;
  }
  const seconds = (performance.now() - begun) / 1000;
  return { redraws, frames, seconds, points };
}"""


def opened(browser, page_path, seen, width=WIDE, scheme="light"):
    """The page in a new context, and the seconds until its first picture."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    page.on("console", lambda message: seen["console"].append(message.text))
    page.on("pageerror", lambda error: seen["errors"].append(str(error)))
    page.on("request", lambda request: seen["requests"].add(request.url[:60]))
    page.cdp = context.new_cdp_session(page)
    page.cdp.send("Performance.enable", {"timeDomain": "threadTicks"})
    begun = time.perf_counter()
    page.goto(page_path.resolve().as_uri())
    # Playwright's wait_for_function needs `eval`, which the page forbids to every script.
    page.locator(".place").filter(has_text=DRAWN).first.wait_for()
    return page, time.perf_counter() - begun


def cpu_seconds(page):
    """CPU time of the page's main thread, which other work on the machine does not lengthen."""
    metrics = page.cdp.send("Performance.getMetrics")["metrics"]
    return next(each["value"] for each in metrics if each["name"] == "TaskDuration")


def differences(page, vae, reach):
    """The largest difference from `decode` by the pointer, and by the keys, in steps of 1/255."""
    page.locator(".plane").first.scroll_into_view_if_needed()
    box = page.locator(".plane").first.bounding_box()
    by_pointer, by_key, pictures = [], [], set()

    def difference(z):
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => "
                      "requestAnimationFrame(done)))")  # fmt: skip
        shown = np.array(page.evaluate(PIXELS))
        pictures.add(shown.tobytes())
        return np.abs(shown - 255 * vae.decode(np.float32([z])).ravel()).max()

    for across, down in PLACES:
        x, y = box["x"] + across * box["width"], box["y"] + down * box["height"]
        page.mouse.move(x, y)
        inner = page.locator(".overlay").first.bounding_box()  # inside the border
        z = [
            ((x - inner["x"]) / inner["width"] - 0.5) * 2 * reach,
            (0.5 - (y - inner["y"]) / inner["height"]) * 2 * reach,
        ]
        by_pointer.append(difference(z))
    page.locator(".plane").first.focus()
    for key in STEPS:
        page.keyboard.press(key)
        z[0] += {"ArrowRight": STEP, "ArrowLeft": -STEP}.get(key, 0) * reach
        z[1] += {"ArrowUp": STEP, "ArrowDown": -STEP}.get(key, 0) * reach
        by_key.append(difference(z))
    print(f"pictures: {len(pictures)} different ones at {len(PLACES) + len(STEPS)} places")
    print(f"by pointer: {max(by_pointer):.2f}/255 at most; by keys: {max(by_key):.2f}/255 at most")


def accessibility(page, axe, what):
    """What axe finds, by how serious it is."""
    page.add_script_tag(content=axe)
    found = page.evaluate("async () => (await axe.run()).violations")
    print(f"axe, {what}: {len(found)} findings")
    for each in found:
        first = each["nodes"][0]
        print(
            f"  {each['impact']}: {each['id']}, {len(each['nodes'])} places, {first['html'][:90]}"
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("page", type=Path, nargs="?")
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    parser.add_argument("--axe", type=Path)
    parser.add_argument("--shots", type=Path)
    given = parser.parse_args()
    path = given.page or given.model / "report.html"
    text = path.read_text("utf-8")
    data = json.loads(re.search(r'id="explorer-0">(.*?)</script>', text)[1])
    reach = max(data["limits"][latent] for latent in data["axes"])
    print(f"{path.stat().st_size / 1e6:.2f} MB, {data['points']:,} points")
    vae = keras_vae.load_run(given.model).vae
    seen = {"console": [], "errors": [], "requests": set()}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=given.chromium, args=["--no-sandbox"])
        seconds, cpu = [], []
        for _ in range(5):
            page, each = opened(browser, path, seen)
            seconds.append(each)
            cpu.append(cpu_seconds(page))
            page.context.close()
        print(f"open: {', '.join(f'{each:.2f}' for each in seconds)} s")
        print(f"medians: {statistics.median(seconds):.2f} s, CPU {statistics.median(cpu):.2f} s")
        page, _ = opened(browser, path, seen)
        differences(page, vae, reach)
        before = cpu_seconds(page)
        rates = page.evaluate(REDRAWS)
        each = (cpu_seconds(page) - before) / rates["redraws"]
        print(
            f"{rates['redraws'] / rates['seconds']:.1f} redraws a second in "
            f"{rates['frames'] / rates['seconds']:.1f} frames a second, CPU {1000 * each:.1f} ms "
            f"each; all points were drawn again {rates['points']} times"
        )
        page.context.close()
        for scheme in ("light", "dark"):
            for width in (WIDE, NARROW):
                page, _ = opened(browser, path, seen, width, scheme)
                if given.axe:
                    accessibility(page, given.axe.read_text("utf-8"), f"{scheme}, {width} wide")
                if given.shots:
                    given.shots.mkdir(parents=True, exist_ok=True)
                    page.screenshot(path=given.shots / f"{scheme}_{width}.png", full_page=True)
                page.context.close()
        browser.close()
    print(f"console: {seen['console'] or 'silent'}; errors: {seen['errors'] or 'none'}")
    print(f"requests: {sorted(url for url in seen['requests'] if not url.startswith('data:'))}")


if __name__ == "__main__":
    main()
