"""What a reviewer, a lead and an administrator do on the page, step by step."""
import re
import time
from urllib.parse import urlparse

from watch import Watch

PASSWORD = "a quiet lantern on the quay 7"
READER_PASSWORD = "another harbour, another boat 3"


class Steps:
    def __init__(self, browser, address, output):
        self.base = address["url"]
        self.link = address["set_up_link"]
        self.output = output
        self.context = browser.new_context(viewport={"width": 1280, "height": 800}, accept_downloads=True)
        self.page = self.context.new_page()
        self.watch = Watch(self.page, self.base)
        self.count = 0

    # Small tools

    def check(self, fact, words):
        if not fact:
            raise AssertionError(words)
        self.count += 1

    def say(self, words):
        print(f"  {words}", flush=True)

    def shoot(self, name):
        self.page.screenshot(path=str(self.output / f"{name}.png"))

    def go(self, path):
        self.page.goto(self.base + path)

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    def text(self, slot):
        return self.page.locator(f'[data-fill="{slot}"]').inner_text().strip()

    def until(self, test, words, seconds=10):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if test():
                self.count += 1
                return
            self.page.wait_for_timeout(20)
        raise AssertionError(words)

    def until_case(self):
        self.page.wait_for_selector('main[data-state="case"]')

    def presentations(self):
        """The answers that the server has, as it tells them itself."""
        return self.ask("/api/v1/judgements")["judgements"]

    def ask(self, path):
        return self.page.evaluate("path => fetch(path).then(answer => answer.json())", path)

    def audit(self, name):
        """Accessibility in dark and in light, and a screenshot of both."""
        for theme in ("dark", "light"):
            self.page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
            self.page.wait_for_timeout(50)
            bad = self.watch.violations(self.page)
            self.check(not bad, f"{name}, {theme}: {bad}")
            self.shoot(f"{name}-{theme}")
        self.page.evaluate("document.documentElement.dataset.theme = 'dark'")

    # The run

    def run(self, cases, conflicts):
        self.first_run()
        self.log_in()
        self.texts()
        self.judge(min(50, cases))
        self.undo()
        self.reasons_and_marks()
        self.better_text()
        self.skip()
        self.own_answers()
        self.fields_are_safe()
        self.quick_mode()
        self.key_settings()
        self.offline()
        self.correct()
        self.arena()
        self.adjudicate(conflicts)
        self.reading_pages()
        self.zoom()
        self.users()
        self.blinding()
        self.log_out()

    def first_run(self):
        self.page.goto(self.link)
        self.audit("setup")
        self.page.get_by_label("Your log-in name").fill("b.lang")
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.page.get_by_label("The password again").fill(PASSWORD)
        self.press("Enter")
        self.page.wait_for_url("**/judge")
        self.check(True, "set up")
        self.say("set up: the first administrator has a password and is on the judging page")

    def log_in(self):
        self.context.clear_cookies()
        self.go("/judge")
        self.check(urlparse(self.page.url).path == "/login", "without a session, /judge goes to the log-in")
        self.audit("login")
        self.page.get_by_label("Name").fill("b.lang")
        self.page.get_by_label("Password").fill("not the password")
        self.press("Enter")
        self.page.wait_for_selector('[role="alert"]')
        self.audit("login-refused")
        self.page.get_by_label("Password").fill(PASSWORD)
        self.press("Enter")
        self.page.wait_for_url("**/judge")
        self.until_case()
        self.say("log-in: a wrong password is refused in words, the right one leads to the first case")

    def texts(self):
        """The difference and the alignment, on texts that break naive ones."""
        faults = self.page.evaluate(TEXTS)
        self.check(not faults, f"texts: {faults[:3]}")
        self.say("texts: 4000 random pairs: pieces join to the texts, the same is the same, places survive UTF-8")

    def judge(self, wanted):
        self.audit("judge")
        times, before = [], len(self.presentations())
        keys = ["1", "2", "0", "9", "x"]
        for number in range(wanted):
            self.until(lambda: self.page.evaluate(READY), "the next case is not there")
            shown = self.page.evaluate("document.querySelector('[data-fill=\"left\"]').textContent")
            key = keys[number % len(keys)]
            self.press(key)
            if key in "12":
                self.press(*[key] * (number // 5 % 3))
            self.page.evaluate("performance.clearMeasures()")
            self.press("Enter")
            self.until(lambda: self.page.evaluate(MEASURED) is not None, "the answer was not taken")
            times.append(self.page.evaluate(MEASURED))
            if number < 3:
                now = self.page.evaluate("document.querySelector('[data-fill=\"left\"]').textContent")
                self.check(now != shown, "the same case is on the screen")
                self.check(self.text("said").startswith("Saved: "), f"said: {self.text('said')}")
        self.until(lambda: len(self.presentations()) == min(100, before + wanted), "not every answer is kept")
        strengths = {item["strength"] for item in self.presentations() if item["choice"] in ("left", "right")}
        self.check(strengths == {1, 2, 3}, f"strengths {strengths}")
        times.sort()
        middle, slow = times[len(times) // 2], times[int(len(times) * 0.95) - 1]
        self.check(middle < 100, f"the next case took {middle:.0f} ms")
        self.say(
            f"judged {wanted} pairs by keyboard alone; next case on the screen after {middle:.0f} ms "
            f"(median), {slow:.0f} ms (95 of 100), {times[-1]:.0f} ms (slowest)")

    def undo(self):
        self.until_case()
        before = self.presentations()
        self.press("u")
        self.until(lambda: self.text("said").startswith("Taken back"), "nothing was taken back")
        self.until(lambda: len(self.presentations()) == len(before) - 1, "the answer still stands")
        self.press("2", "2", "2", "Enter")
        self.until(lambda: len(self.presentations()) == len(before), "the new answer is not kept")
        newest = self.presentations()[0]
        self.check(newest["presentation"] == before[0]["presentation"], "another case was answered")
        self.check((newest["choice"], newest["strength"]) == ("right", 3), f"kept: {newest}")
        self.check(newest["revision"] == before[0]["revision"] + 2, "undo and answer are two more events")
        self.say("undo: the case came back, was answered anew, and all three events are kept")

    def reasons_and_marks(self):
        self.until_case()
        self.press("1", "1", "t", "ArrowLeft", "ArrowDown", "ArrowRight", "ArrowDown", "ArrowLeft", "Escape")
        chosen = self.page.locator('[data-criterion]:not([data-winner=""])').count()
        self.check(chosen == 2, f"{chosen} reasons, two are allowed")
        self.page.evaluate(SELECT_WORDS)
        self.press("m")
        self.page.keyboard.press("w")  # the select's own way to "Wrong location or side"
        self.press("Tab", "Space", "Tab", "Enter")
        self.until(lambda: self.page.locator('[data-fill="marks"] li').count() == 1, "no mark")
        self.check(self.page.locator("mark.wrong").count() >= 1, "the mark is not in the text")
        self.press("d")
        self.shoot("judge-marked")
        self.press("d", "n")
        self.page.keyboard.type("Laterality 1 2 0 9 u s.")
        self.press("Escape", "Enter")
        number = self.presentations_after_save()
        answer = self.ask(f"/api/v1/presentations/{number}")
        case, answer = answer["case"], answer["answer"]
        self.check(answer["choice"] == "left" and answer["strength"] == 2, f"{answer}")
        self.check(len(answer["criteria"]) == 2, "the reasons are not kept")
        self.check(answer["comment"] == "Laterality 1 2 0 9 u s.", "a key in the note did something else")
        mark = answer["errors"][0]
        words = case["right"].encode()[mark["start"]:mark["end"]].decode()
        self.check(words in case["right"] and words.strip(), "the mark's bytes are not in the text")
        self.check(mark["significant"] is True and mark["category"].startswith("wrong"), f"{mark}")
        self.say("reasons: two criteria at most; a mark is kept by its bytes; keys typed in the note stay words")

    def presentations_after_save(self):
        self.until(lambda: self.text("kept").startswith("Saved") and self.page.evaluate("!Connection.pending"), "not saved")
        self.until_case()
        return self.presentations()[0]["presentation"]

    def better_text(self):
        """The preferred text, corrected on the spot."""
        self.until_case()
        self.press("2", "e")
        self.check(self.page.locator("#right-revision").is_visible(), "the preferred text has no editor")
        self.press("Control+End")
        self.page.keyboard.type("\nEdited on the spot.")
        self.shoot("judge-edit")
        self.press("Escape", "Enter")
        self.presentations_after_save()
        export = self.page.evaluate("fetch('/api/v1/mine/export').then(answer => answer.text())")
        self.check("Edited on the spot." in export, "the better version is not kept")
        self.say("edit: the preferred text was corrected on the spot and is kept beside the answer")

    def skip(self):
        self.until_case()
        self.press("s")
        self.shoot("judge-skip")
        self.press("Escape")
        self.check(self.page.locator('[data-act="left"]').is_visible(), "Esc does not leave the reasons")
        self.press("s", "2")
        number = self.presentations_after_save()
        answer = self.ask(f"/api/v1/presentations/{number}")["answer"]
        self.check(answer["choice"] == "skip" and answer["comment"] == "Interrupted", f"{answer}")
        self.say("skip: one key asks why, Esc goes back, a second key skips with the reason")

    def own_answers(self):
        self.until_case()
        open_case = self.page.evaluate("document.querySelector('[data-fill=\"left\"]').textContent")
        self.press("ArrowLeft")
        self.page.wait_for_selector('main[data-state="past"]')
        self.shoot("judge-past")
        self.press("ArrowLeft")
        self.until(lambda: "Answer 2" in self.text("said"), "no second step")
        self.press("Escape")
        self.until_case()
        now = self.page.evaluate("document.querySelector('[data-fill=\"left\"]').textContent")
        self.check(now == open_case, "the open case is another one")
        self.say("own answers: arrows go through them, Esc comes back to the open case")

    def fields_are_safe(self):
        before = len(self.presentations())
        self.press("n")
        self.page.keyboard.type("1029usx")
        self.check(self.page.locator('[aria-pressed="true"].choice').count() == 0, "a typed digit chose")
        self.until(lambda: re.match(r"Saved \d\d:\d\d:\d\d", self.text("kept")), "the note was not saved by itself")
        self.press("Control+a", "Delete", "Escape")
        self.check(len(self.presentations()) == before, "typing answered a case")
        self.say("fields: what is typed or dictated in a field never votes; the note saves itself")

    def quick_mode(self):
        self.page.evaluate("localStorage.setItem('overread.mode', 'quick')")
        self.go("/judge")
        self.until_case()
        before = len(self.presentations())
        self.press("1")
        self.page.wait_for_timeout(300)
        self.press("Escape")
        self.page.wait_for_timeout(1000)
        self.check(len(self.presentations()) == before, "Esc did not stop the quick answer")
        self.press("0")
        self.until(lambda: len(self.presentations()) == before + 1, "the quick answer was not kept")
        self.check(self.presentations()[0]["choice"] == "both_good", "another answer")
        self.page.evaluate("localStorage.setItem('overread.mode', 'careful')")
        self.say("quick mode: one key a case after a visible moment, Esc stops it")

    def key_settings(self):
        self.go("/judge")
        self.until_case()
        self.press("?")
        self.page.wait_for_selector("dialog[open]")
        self.audit("help")
        self.page.get_by_label("Only together with Alt").check()
        self.press("Escape", "1")
        pressed = self.page.locator('[aria-pressed="true"].choice')
        self.check(pressed.count() == 0, "a single key still chooses")
        self.press("Alt+1")
        self.check(pressed.count() == 1, "Alt+1 does not choose")
        self.check(self.page.locator('[data-act="left"]').get_attribute("aria-keyshortcuts") == "Alt+1", "shortcut")
        self.page.evaluate("localStorage.setItem('overread.keys', 'off')")
        self.go("/judge")
        self.until_case()
        self.press("1", "Alt+1")
        self.check(pressed.count() == 0, "keys that are off still choose")
        self.page.evaluate("localStorage.setItem('overread.keys', 'plain')")
        stored = self.page.evaluate("Object.entries(localStorage).concat(Object.entries(sessionStorage))")
        self.check(all(len(value) < 10 for _, value in stored), f"the browser keeps more than settings: {stored}")
        self.say("keys: single, with Alt, or off; nothing but settings is kept in the browser")

    def offline(self):
        self.go("/judge")
        self.until_case()
        self.page.wait_for_timeout(500)
        before = len(self.presentations())
        self.context.set_offline(True)
        self.press("1", "Enter")
        self.until(lambda: self.text("kept").startswith("Offline: 1 change kept here"), self.text("kept"))
        self.until_case()
        self.press("2", "2", "Enter")
        self.until(lambda: self.text("kept").startswith("Offline: 2 changes kept here"), self.text("kept"))
        self.shoot("judge-offline")
        leaves = self.page.evaluate(
            "(() => { const event = new Event('beforeunload', {cancelable: true}); window.dispatchEvent(event);"
            " return event.defaultPrevented })()")
        self.check(leaves, "leaving with unsent answers is not warned of")
        self.context.set_offline(False)
        self.until(lambda: self.text("kept").startswith("Saved"), "not sent after the connection came back", 20)
        self.check(len(self.presentations()) == before + 2, "an answer is lost or kept twice")
        self.until_case()
        self.say("offline: two answers waited in the page, said so, and are kept once each after the connection came back")

    def correct(self):
        self.go("/correct")
        self.until_case()
        self.audit("correct")
        self.press("e", "Control+End")
        self.page.keyboard.type("\n2. Follow-up in 6 weeks.")
        self.until(lambda: re.match(r"Saved \d\d:\d\d:\d\d", self.text("kept")), "no autosave", 8)
        self.page.reload()
        self.until_case()
        typed = self.page.locator("#text").input_value()
        self.check(typed.endswith("2. Follow-up in 6 weeks."), "the unfinished text is gone after a reload")
        self.context.set_offline(True)
        self.press("e", "Control+End")
        self.page.keyboard.type(" Not urgent.")
        self.until(lambda: self.text("kept").startswith("Offline: 1 change kept here"), self.text("kept"))
        self.shoot("correct-offline")
        self.context.set_offline(False)
        self.until(lambda: self.text("kept").startswith("Saved"), "not saved after the connection came back", 20)
        self.page.get_by_label("Main reason").select_option("omitted_finding")
        self.check(self.page.locator("ins").count() >= 1, "the changed words are not marked")
        self.shoot("correct-changed")
        self.press("Escape", "Control+Enter")
        self.until(lambda: self.text("said").startswith("Saved your correction"), self.text("said"))
        self.until_case()
        self.check(self.page.locator("#text").input_value() != typed, "the same draft again")
        self.press("a")
        self.until(lambda: self.text("said").startswith("Saved: the draft is fine"), self.text("said"))
        self.say("correct: autosaved, survived a reload and a lost connection, saved with its reason; one draft was fine")

    def arena(self):
        self.go("/arena")
        self.until_case()
        self.audit("arena")
        self.press("2", "2", "Enter")
        self.presentations_after_save()
        self.check(self.presentations()[0]["kind"] == "arena", "the arena's answer is not kept")
        self.say("arena: an answer is kept as one of the arena")

    def adjudicate(self, wanted):
        self.go("/adjudicate")
        self.until_case()
        self.check("Reader" not in self.text("readers"), "the readers' answers are shown before the choice")
        self.press("1", "1")
        self.check(self.text("readers").count("Reader ") == 2, "the readers' answers are not shown after it")
        self.audit("adjudicate")
        self.press("n")
        self.page.keyboard.type("The left one says the side.")
        self.press("Escape", "Enter")
        self.until(lambda: self.text("said").startswith("Decided: left"), self.text("said"))
        left = len(self.ask("/api/v1/conflicts")["conflicts"])
        self.check(left == wanted - 1, f"{left} disagreements are left")
        self.say("adjudicate: the third reader chose before the others' answers were shown; the decision is kept")

    def reading_pages(self):
        for name in ("progress", "mine", "guideline", "account"):
            self.go(f"/{name}")
            self.audit(name)
        self.go("/mine")
        with self.page.expect_download() as download:
            self.page.get_by_role("link", name="Export everything you did").click()
        lines = download.value.path().read_text().splitlines()
        self.check(len(lines) > 50, f"{len(lines)} lines in the export")
        self.go("/progress")
        self.page.locator('input[name="order"]:not(:checked)').first.check()
        self.page.get_by_role("button", name="Use this order").click()
        self.page.wait_for_selector('.notice[role="status"]')
        self.check(True, "order")
        self.say(f"reading pages: progress, own work (export of {len(lines)} lines), guideline; the queue's order was changed")

    def zoom(self):
        """A window of half the size is what 200 % zoom leaves: nothing is cut off sideways."""
        for path in ("judge", "correct", "adjudicate", "progress", "mine", "users", "guideline"):
            self.page.set_viewport_size({"width": 640, "height": 400})
            self.go(f"/{path}")
            if path in ("judge", "correct", "adjudicate"):
                self.until_case()
            wide = self.page.evaluate("document.documentElement.scrollWidth")
            self.check(wide <= 640, f"{path} is {wide} wide at 640")
            if path in ("judge", "correct"):
                bad = self.watch.violations(self.page)
                self.check(not bad, f"{path} at 200 %: {bad}")
                self.page.screenshot(path=str(self.output / f"{path}-zoomed.png"), full_page=True)
        self.page.set_viewport_size({"width": 1280, "height": 800})
        self.say("200 % zoom: no page is wider than the window")

    def users(self):
        self.go("/users")
        self.audit("users")
        self.page.get_by_label("Log-in name").fill("o.brask")
        self.page.get_by_role("button", name="Add, and make a one-time link").click()
        link = self.page.locator(".invitation code").inner_text()
        self.audit("users-invited")
        other = self.page.context.browser.new_context(viewport={"width": 1280, "height": 800})
        page = other.new_page()
        page.goto(link if link.startswith("http") else self.base + link)
        page.get_by_label("Password", exact=True).fill(READER_PASSWORD)
        page.get_by_label("The password again").fill(READER_PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/judge")
        answer = page.goto(self.base + "/users")
        self.check(answer.status == 403, f"a reviewer gets {answer.status} for /users")
        self.check(page.get_by_role("link", name="Users").count() == 0, "a reviewer sees the link to Users")
        other.close()
        self.say("users: an invited reviewer set a password; the page of users is closed to him")

    def blinding(self):
        for path in ("judge", "arena", "adjudicate", "correct"):
            self.go(f"/{path}")
            self.page.wait_for_timeout(400)
            html = self.page.content().lower()
            for word in ("synthetic-one", "synthetic-two", "rejected", "adapter", "base_model", "gguf"):
                self.check(word not in html, f"{word} is in the page of {path}")
        for body in self.watch.bodies:
            for word in ("synthetic-one", "synthetic-two", "rejected", "adapter", "base_model", "author"):
                self.check(word not in body.lower(), f"{word} is in an answer of the API")
        self.say("blinding: no model and no role in the pages or in the API's answers")

    def log_out(self):
        self.go("/judge")
        self.page.get_by_role("button", name="Log out").click()
        self.page.wait_for_url("**/login")
        self.go("/judge")
        self.check(urlparse(self.page.url).path == "/login", "the session outlives the log-out")
        self.check(not self.watch.foreign, f"requests to other hosts: {self.watch.foreign[:3]}")
        self.check(not self.watch.errors, f"errors of the page: {self.watch.errors[:3]}")
        self.say("log-out: the session is over; no request went to another host, the page had no error")


READY = """(() => {
  const main = document.querySelector('main');
  return main.dataset.state === 'case' && document.querySelector('[data-fill="left"]').textContent !== '';
})()"""

MEASURED = """(() => {
  const all = performance.getEntriesByName('overread-next');
  return all.length ? all[all.length - 1].duration : null;
})()"""

SELECT_WORDS = """(() => {
  const body = document.querySelector('[data-fill="right"] .body');
  const walker = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
  const node = walker.nextNode();
  const range = document.createRange();
  range.setStart(node, 0);
  range.setEnd(node, Math.min(12, node.length));
  const selection = getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
})()"""

# Runs in the page: random texts of what breaks naive differences.
TEXTS = """(() => {
  const pieces = ['left', 'right', 'no', ' ', '  ', '\\n', '\\r\\n', '.', '3 mm', 'e\\u0301', '\\u00e9', '"\\u0301', '\\u0000',
    '\\u202e', '\\u2066', '\\u{1F469}\\u200d\\u2695', '\\ufeff', 'IMPRESSION:', 'Findings:', '<b>', '&amp;', '\\u2028', '1.'];
  let state = 12345;
  const next = (bound) => { state = (Math.imul(state, 1103515245) + 12345) >>> 0; return Math.floor(state / 65536) % bound; };
  const text = () => Array.from({ length: next(24) }, () => pieces[next(pieces.length)]).join('');
  const faults = [];
  const join = (list, ...kinds) => list.filter((item) => kinds.includes(item.kind)).map((item) => item.text).join('');
  for (let round = 0; round < 4000; round += 1) {
    const [a, b] = [text(), text()];
    const found = Texts.difference(a, b);
    if (join(found, 'same', 'gone') !== a || join(found, 'same', 'come') !== b) faults.push(['pieces', a, b]);
    if (Texts.difference(a, a).some((item) => item.kind !== 'same')) faults.push(['same', a]);
    if (a !== b && found.every((item) => item.kind === 'same')) faults.push(['blind', a, b]);
    const parts = Texts.sections(a).map((part) => a.slice(...part.heading) + a.slice(...part.body)).join('');
    if (parts !== a) faults.push(['sections', a]);
    const rows = Texts.align(a, b);
    for (const [side, whole] of [['left', a], ['right', b]]) {
      const own = rows.map((row) => row[side]).filter(Boolean).map((part) => whole.slice(part.heading[0], part.body[1])).join('');
      if (own !== whole) faults.push(['rows', side, a, b]);
    }
    const marks = Texts.compare(a, b);
    for (const [side, whole] of [['left', a], ['right', b]]) {
      let last = 0;
      for (const [start, end] of marks[side]) {
        if (start < last || end <= start || end > whole.length) faults.push(['places', side, a, b]);
        last = end;
      }
    }
    const place = Math.min(a.length, next(30));
    const isInside = /[\\uDC00-\\uDFFF]/.test(a[place] || '');
    if (!isInside && Texts.index(a, Texts.bytes(a, place)) !== place) faults.push(['bytes', a, place]);
  }
  return faults;
})()"""
