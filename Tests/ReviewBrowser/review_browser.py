"""Drives the review page in a real browser, as a department would use it: `make review-browser`.

    review_browser.py --serve PROGRAM [ARGUMENT ...] --seed PROGRAM --pairs FILE --output FOLDER

`--serve` is how the page is served (`overread serve`), `--seed` fills a new store with synthetic cases. Every step
prints one line; the first that fails ends the run with status 1. Screenshots of every page go to the output folder.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from steps import Steps

CASES, ARENA, DRAFTS, CONFLICTS = 60, 4, 4, 2


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--serve", nargs="+", required=True)
    parser.add_argument("--seed", required=True)
    parser.add_argument("--pairs", required=True)
    parser.add_argument("--conventions")
    parser.add_argument("--output", required=True)
    options = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not chromium:
        print("skipped: no chromium is installed (apt-get install chromium)")
        return 0
    output = Path(options.output)
    output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="overread-review-") as folder:
        os.chmod(folder, 0o700)
        store = str(Path(folder) / "store.sqlite")
        counts = [str(count) for count in (CASES, ARENA, DRAFTS, CONFLICTS)]
        subprocess.run([options.seed, store, options.pairs, *counts], check=True)
        command = [*options.serve, "--store", store, "--port", "0", "--json", "--department", "Lakeside Radiology"]
        if options.conventions:
            command += ["--conventions", options.conventions]
        with open(output / "server.log", "w") as log:
            server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            address = json.loads(server.stdout.readline())
            return drive(chromium, address, output)
        finally:
            server.terminate()
            try:
                server.wait(30)
            except subprocess.TimeoutExpired:
                server.kill()


def drive(chromium, address, output):
    started = time.monotonic()
    with sync_playwright() as playwright:
        # Chromium's own sandbox does not start for root, as in a container of continuous integration.
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        steps = Steps(browser, address, output)
        try:
            steps.run(CASES, CONFLICTS)
        except Exception as error:
            steps.shoot("failure")
            print(f"FAILED: {error}", file=sys.stderr)
            return 1
        finally:
            browser.close()
    print(f"passed: {steps.count} checks in {time.monotonic() - started:.0f} s; screenshots in {output}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
