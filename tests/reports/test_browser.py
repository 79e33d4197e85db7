"""The page in a real browser: its plots are there, in place, in light and in dark, and it prints."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pathmoments.plotting.styles import COLOURS
from pathmoments.reports import report_html
from pathmoments.reports.page_style import STYLE
from pathmoments.verification import Report

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
WIDTH = 1200

pytestmark = pytest.mark.skipif(
    BROWSER is None and os.environ.get("CI") != "true",
    reason="no browser (chromium, chromium-browser, google-chrome) is installed",
)

PROBE = """<script>
document.body.dataset.probe = JSON.stringify({
  height: document.documentElement.scrollHeight, overflow: document.documentElement.scrollWidth > innerWidth,
  figures: [...document.querySelectorAll("figure svg")].map(f => { const r = f.getBoundingClientRect(); return [r.x, r.y, r.width, r.height]; }),
});
</script>"""
"""Notes where the pictures are; added to a copy, the page itself has no script."""


def browse(folder: Path, page: str, *options: str) -> str:
    """Open a page without a window, with an empty profile and no network, and return what the browser prints."""
    assert BROWSER is not None, "CI must have a browser: install chromium"
    file = folder / "page.html"
    file.write_text(page, encoding="utf-8")
    profile = folder / "profile"
    shutil.rmtree(profile, ignore_errors=True)
    run = subprocess.run(
        [
            BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
            "--force-device-scale-factor=1", f"--user-data-dir={profile}", *options, file.as_uri(),
        ],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return run.stdout


def screenshot(folder: Path, page: str, height: int) -> np.ndarray[Any, np.dtype[np.int16]]:
    """Return the pixels of a page, [row, column, colour]."""
    from matplotlib import image

    target = folder / "shot.png"
    browse(folder, page, f"--window-size={WIDTH},{height}", f"--screenshot={target}")
    pixels: np.ndarray[Any, np.dtype[np.int16]] = np.rint(image.imread(target)[:, :, :3] * 255).astype(np.int16)
    return pixels


def layout(folder: Path, page: str, width: int = WIDTH) -> dict[str, Any]:
    """Return the height of a page, whether it is too wide, and the boxes (x, y, width, height) of its pictures."""
    dom = browse(folder, page.replace("</body>", PROBE + "</body>"), f"--window-size={width},1000", "--dump-dom")
    found = re.search(r'data-probe="([^"]*)"', dom)
    assert found is not None
    content: dict[str, Any] = json.loads(unescape(found[1]))
    return content


def has(pixels: np.ndarray[Any, Any], colour: str, *, tolerance: int = 8) -> int:
    """Return how many pixels are of a colour."""
    wanted = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)])
    return int((np.abs(pixels - wanted).max(axis=2) <= tolerance).sum())


@dataclass
class Shown:
    """A page, its layout, and its pixels."""

    page: str
    layout: dict[str, Any]
    pixels: np.ndarray[Any, np.dtype[np.int16]]

    def boxes(self) -> list[tuple[slice, slice]]:
        """Return the rows and columns of each picture."""
        return [
            (slice(round(y), round(y + height)), slice(round(x), round(x + width)))
            for x, y, width, height in self.layout["figures"]
        ]


@pytest.fixture(scope="module")
def shown(report: Report, tmp_path_factory: pytest.TempPathFactory) -> Shown:
    """Return the page as it is on a light screen."""
    folder = tmp_path_factory.mktemp("browser")
    page = report_html(report)
    where = layout(folder, page)
    return Shown(page, where, screenshot(folder, page, where["height"] + 100))


def test_every_plot_is_on_the_screen(shown: Shown) -> None:
    """In the place of each picture there are marks in the colours of its laws, and ink, on the page's paper."""
    assert len(shown.boxes()) == 4
    for rows, columns in shown.boxes():
        box = shown.pixels[rows, columns]
        assert min(box.shape[:2]) > 300
        assert has(box, "#ffffff") > 0.7 * box.shape[0] * box.shape[1]
        assert has(box, "#1c1c1c") > 300
        for colour in COLOURS[:4]:
            assert has(box, colour) > 20


def test_what_is_seen_is_the_plots(shown: Shown, tmp_path: Path) -> None:
    """Without what is inside the pictures, the page differs there, all over them, and nowhere else."""
    empty = re.sub(r"(<svg [^>]*>).*?</svg>", r"\1</svg>", shown.page, flags=re.DOTALL)
    assert layout(tmp_path, empty)["figures"] == shown.layout["figures"]
    other = screenshot(tmp_path, empty, shown.layout["height"] + 100)
    changed = np.abs(shown.pixels - other).max(axis=2) > 40
    for rows, columns in shown.boxes():
        box = changed[rows, columns]
        halves = np.array_split(box, 2)
        quarters = [part for half in halves for part in np.array_split(half, 2, axis=1)]
        assert all(part.mean() > 0.004 for part in quarters)
        changed[rows.start - 1 : rows.stop + 1, columns.start - 1 : columns.stop + 1] = False
    assert not changed.any()


def test_plots_are_clipped_to_their_axes(shown: Shown) -> None:
    """Bounds that leave the picture of (12) end at its top: above the axes there is only the title in ink."""
    rows, columns = shown.boxes()[1]
    axes = slice(columns.start, columns.start + 450)  # to the right of it is the legend
    above, within = (shown.pixels[rows.start + top : rows.start + top + 12, axes] for top in (0, 32))
    for colour in (COLOURS[0], COLOURS[1], COLOURS[3]):
        assert has(above, colour, tolerance=30) == 0
        assert has(within, colour, tolerance=30) > 0


def test_dark_screens_have_light_plots(shown: Shown, tmp_path: Path) -> None:
    """With the dark colours the paper is dark, and the pictures are drawn in the light ones."""
    dark = shown.page.replace("screen and (prefers-color-scheme: dark)", "screen and (min-width: 1px)")
    assert dark != shown.page
    pixels = screenshot(tmp_path, dark, shown.layout["height"] + 100)
    colours = dict(re.findall(r"(--[\w-]+): (#[0-9a-f]{6})", STYLE.split("@media")[1]))
    for rows, columns in shown.boxes():
        box = pixels[rows, columns]
        assert has(box, colours["--paper"]) > 0.7 * box.shape[0] * box.shape[1]
        assert has(box, colours["--ink"]) > 300
        assert all(has(box, colours[f"--series-{number}"]) > 20 for number in range(4))
        assert has(box, "#ffffff") == 0


@pytest.mark.parametrize("width", [1200, 500])
def test_page_fits_its_window(shown: Shown, tmp_path: Path, width: int) -> None:
    """No window of usual width must be scrolled sideways: a wide table scrolls by itself."""
    assert layout(tmp_path, shown.page, width)["overflow"] is False


def test_page_prints(shown: Shown, tmp_path: Path) -> None:
    """Printed, the page is a few sheets of vector graphics."""
    target = tmp_path / "page.pdf"
    browse(tmp_path, shown.page, "--no-pdf-header-footer", f"--print-to-pdf={target}")
    content = target.read_bytes()
    assert content.startswith(b"%PDF-")
    assert 2 <= len(re.findall(rb"/Type\s*/Page\b(?!s)", content)) <= 6
    assert b"/Subtype /Image" not in content
