#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks at a report in a headless Chromium, by its debugging pipe, and keeps what it saw.

    browse.py PAGE [FOLDER]

Writes light.png, dark.png, phone.png, print.pdf and dom.html into FOLDER, if there is one. Ends with 1 and a line for
each thing that is wrong: a message on the console, an exception, a request for anything but the page,
a page wider than its window, parts that lie over each other, an id that stands twice, a table that
does not sort by click or key.
"""
import base64
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile


class Browser:
    """Messages are JSON, each ended by a zero byte, over descriptors 3 and 4."""

    def __init__(self, folder):
        to_read, self.to = os.pipe()
        self.back, from_write = os.pipe()
        arguments = [
            "chromium", "--headless=new", "--remote-debugging-pipe", "--disable-gpu", "--no-first-run",
            "--disable-extensions", "--disable-background-networking", "--hide-scrollbars",
            "--disable-dev-shm-usage", f"--user-data-dir={folder}",
        ]
        if os.geteuid() == 0:
            arguments.append("--no-sandbox")
        # The two descriptors move to 3 and 4 by way of numbers that nobody uses.
        arguments = ["sh", "-c", f'exec "$@" 3<&{to_read} 4>&{from_write}', "sh"] + arguments
        self.process = subprocess.Popen(
            arguments, pass_fds=(to_read, from_write), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_read)
        os.close(from_write)
        self.number, self.rest, self.events, self.session = 0, b"", [], None

    def receive(self):
        while b"\0" not in self.rest:
            piece = os.read(self.back, 1 << 16)
            if not piece:
                raise SystemExit("chromium ended by itself")
            self.rest += piece
        message, self.rest = self.rest.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.receive()
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise SystemExit(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def attach(self):
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(domain + ".enable")

    def open(self, page):
        self.call("Page.navigate", url=page)
        while not any(e.get("method") == "Page.loadEventFired" for e in self.events):
            self.events.append(self.receive())

    def value(self, expression):
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True,
                           userGesture=True)
        if "exceptionDetails" in result:
            raise SystemExit(f"{expression}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def window(self, width, dark):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1,
                  mobile=width < 600)
        self.call("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def shot(self, path):
        data = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True,
                         optimizeForSpeed=True)["data"]
        pathlib.Path(path).write_bytes(base64.b64decode(data))

    def close(self):
        self.session = None
        self.call("Browser.close")
        self.process.wait(timeout=20)


# What lies over its neighbour, and what is wider than the window.
LAYOUT = """(() => {
  const bad = [], page = document.documentElement;
  if (page.scrollWidth > page.clientWidth)
    bad.push(`the page is ${page.scrollWidth} wide in a window of ${page.clientWidth}`);
  let last = null;
  for (const part of document.querySelectorAll(
      'h1, h2, h3, main p, pre, .scroll, figcaption, summary, nav li')) {
    const box = part.getBoundingClientRect();
    if (box.width === 0 || box.height === 0) {
      bad.push(`<${part.tagName}> has no size: ${part.textContent.slice(0, 40)}`);
      continue;
    }
    if (box.right > page.clientWidth + 1)
      bad.push(`<${part.tagName}> ends at ${box.right}: ${part.textContent.slice(0, 40)}`);
    if (last && !last.part.contains(part) && box.top < last.bottom - 1)
      bad.push(`<${part.tagName}> lies over <${last.part.tagName}>: ${part.textContent.slice(0, 40)}`);
    last = { part, bottom: box.bottom };
  }
  return bad;
})()"""

IDS = """(() => {
  const seen = new Set(), bad = [];
  for (const part of document.querySelectorAll('[id]')) {
    if (seen.has(part.id)) bad.push(`id ${part.id} stands twice`);
    seen.add(part.id);
  }
  for (const use of document.querySelectorAll('use')) {
    const name = use.getAttribute('href') || use.getAttribute('xlink:href');
    if (!seen.has(name.slice(1))) bad.push(`${name} is nowhere`);
  }
  for (const link of document.querySelectorAll('a[href^="#"]'))
    if (!seen.has(link.hash.slice(1))) bad.push(`${link.hash} is nowhere`);
  for (const svg of document.querySelectorAll('svg'))
    if (!svg.getAttribute('aria-label')) bad.push('a figure without a text');
  return bad;
})()"""

# The table with most rows, and in it the column with most values.
PICK = """(() => {
  const tables = Array.from(document.querySelectorAll('table.sortable'));
  window.table = tables.sort((a, b) => b.rows.length - a.rows.length)[0];
  const n = table.tHead.rows[0].cells.length;
  const values = i => new Set(Array.from(table.tBodies[0].rows, r => r.cells[i].textContent)).size;
  window.column = Array.from({ length: n }, (_, i) => i).sort((a, b) => values(b) - values(a))[0];
  window.head = table.tHead.rows[0].cells[column];
  head.querySelector('button').scrollIntoView({ block: 'center', inline: 'center' });
  const box = head.querySelector('button').getBoundingClientRect();
  return { x: box.x + box.width / 2, y: box.y + box.height / 2, sort: head.getAttribute('aria-sort') };
})()"""
STATE = """({ sort: head.getAttribute('aria-sort'),
  others: table.tHead.querySelectorAll('[aria-sort=none]').length
    === table.tHead.rows[0].cells.length - 1,
  cells: Array.from(table.tBodies[0].rows, r => r.cells[column].textContent) })"""


def in_order(cells, down):
    """Numbers by value, texts by code unit, what is missing last."""
    present = [c for c in cells if c != ""]
    if cells != present + [""] * (len(cells) - len(present)):
        return False
    try:
        keys = [float(c) for c in present]
    except ValueError:
        keys = present
    return keys == sorted(keys, reverse=down)


def sorting(browser):
    bad = []
    place = browser.value(PICK)
    if place["sort"] != "none":
        bad.append(f"aria-sort is {place['sort']} before anything was sorted")
    for kind in ("mousePressed", "mouseReleased"):
        browser.call("Input.dispatchMouseEvent", type=kind, x=place["x"], y=place["y"], button="left",
                     clickCount=1)
    state = browser.value(STATE)
    if state["sort"] != "ascending" or not state["others"] or not in_order(state["cells"], False):
        bad.append(f"a click does not sort: {state}")
    browser.value("head.querySelector('button').focus()")
    for kind in ("keyDown", "keyUp"):
        browser.call("Input.dispatchKeyEvent", type=kind, key="Enter", code="Enter", text="\r",
                     windowsVirtualKeyCode=13)
    state = browser.value(STATE)
    if state["sort"] != "descending" or not in_order(state["cells"], True):
        bad.append(f"the Enter key does not sort: {state}")
    return bad


def trouble(events, page):
    """Console, exceptions and requests among the events."""
    for event in events:
        method, params = event.get("method"), event.get("params", {})
        if method == "Runtime.exceptionThrown":
            yield f"exception: {params['exceptionDetails']}"
        elif method == "Runtime.consoleAPICalled":
            yield f"console: {params['args']}"
        elif method == "Log.entryAdded":
            yield f"log: {params['entry']['text']}"
        elif method == "Network.requestWillBeSent" and params["request"]["url"] != page:
            yield f"request: {params['request']['url']}"


def look(browser, page, out):
    bad = []
    browser.attach()
    browser.window(1280, False)
    browser.open(page)
    bad += browser.value(IDS)
    for name, width, dark in (("light", 1280, False), ("dark", 1280, True), ("phone", 390, False)):
        browser.window(width, dark)
        if out:
            browser.shot(out / f"{name}.png")
        bad += [f"{name}: {line}" for line in browser.value(LAYOUT)]
    browser.window(1280, False)
    bad += sorting(browser)
    if out:
        (out / "dom.html").write_text(browser.value("document.documentElement.outerHTML"))
        pdf = browser.call("Page.printToPDF", printBackground=True)["data"]
        (out / "print.pdf").write_bytes(base64.b64decode(pdf))
    return bad + list(trouble(browser.events, page))


def main():
    page = pathlib.Path(sys.argv[1]).resolve().as_uri()
    out = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else None
    if out:
        out.mkdir(parents=True, exist_ok=True)
    folder = tempfile.mkdtemp(prefix="statbed-browse-")
    browser = Browser(folder)
    try:
        bad = look(browser, page, out)
        browser.close()
    finally:
        browser.process.kill()
        shutil.rmtree(folder, ignore_errors=True)
    for line in bad:
        print(line)
    return 1 if bad else 0


sys.exit(main())
