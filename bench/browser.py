"""Opens a report.html in Chromium and measures how long it takes to open and to filter.

    python bench/browser.py report/report.html

Prints one JSON object: {"open_ms", "filter_ms", "rows"}; medians of five.
"""

from __future__ import annotations

import json
import shutil
import statistics
import sys
from pathlib import Path

ROUNDS = 5
WORDS = ["好评", "微信", "在吗", "不知道", "返"]

OPENED = "() => document.querySelector('#count')?.textContent.trim()"
FILTER = """word => new Promise(done => {
  const box = document.querySelector('#q'), count = document.querySelector('#count');
  const began = performance.now();
  const seen = new MutationObserver(() => {
    seen.disconnect();
    requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - began)));
  });
  seen.observe(count, {childList: true, characterData: true, subtree: true});
  box.value = word;
  box.dispatchEvent(new Event('input', {bubbles: true}));
  setTimeout(() => done(-1), 10000);
})"""


def measure(page_path: Path) -> dict[str, float]:
    """Median times in milliseconds. Raises RuntimeError where no Chromium is installed or a filter does not answer."""
    from playwright.sync_api import sync_playwright

    found = next((p for name in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(name))), None)
    if not found:
        raise RuntimeError("no Chromium on this machine")
    opens, filters, rows = [], [], ""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        for word in WORDS[:ROUNDS]:
            page = browser.new_page()
            page.goto(page_path.resolve().as_uri(), wait_until="commit")
            page.wait_for_function(OPENED)
            opens.append(page.evaluate("() => performance.now()"))
            rows = page.text_content("#count") or ""
            took = page.evaluate(FILTER, word)
            if took < 0:
                raise RuntimeError(f"the report did not answer to the filter {word!r}")
            filters.append(took)
            page.close()
        browser.close()
    return {"open_ms": round(statistics.median(opens)), "filter_ms": round(statistics.median(filters)), "rows": rows}


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1])), ensure_ascii=False))
