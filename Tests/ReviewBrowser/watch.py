"""What is watched during the whole run: requests, the page's errors, what the API says, and accessibility."""
from pathlib import Path
from urllib.parse import urlparse

import axe_core_python

AXE = next(Path(axe_core_python.__file__).parent.rglob("axe.min.js"))


class Watch:
    def __init__(self, page, base):
        self.host = urlparse(base).netloc
        self.foreign = []
        self.errors = []
        self.bodies = []
        page.on("request", self.requested)
        page.on("response", self.answered)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self.told)

    def requested(self, request):
        if urlparse(request.url).netloc not in (self.host, ""):
            self.foreign.append(request.url)

    def answered(self, response):
        if "/next" not in response.url and "/conflicts" not in response.url:
            return
        try:
            self.bodies.append(response.text())
        except Exception:
            pass  # the page went on before the body had been read

    def told(self, message):
        # A refused password and a lost connection are told by the browser as errors of the network; the page's own are not.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.errors.append(message.text)

    def violations(self, page):
        """Serious and critical violations of WCAG 2.2 AA and of good practice, by axe-core."""
        # The page's policy lets no script in but its own; the browser's own tools are not bound by it.
        page.evaluate(AXE.read_text())
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{item['id']} ({item['impact']}) at {item['nodes'][0]['target']}: {item['nodes'][0]['failureSummary']}"
            for item in found["violations"] if item["impact"] in ("serious", "critical")
        ]
