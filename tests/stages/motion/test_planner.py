"""A language model as planner, over a real socket: its answers are checked like anyone's."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from stillmotion import pipeline
from stillmotion.errors import InputError
from stillmotion.options import AnimateOptions
from stillmotion.stages.motion.planner import KEY, ask

EXAMPLES = Path(__file__).parents[3] / "examples"
GOOD = {
    "moves": [{"name": "push_in", "scale": 0.5}, {"name": "pan_left", "amount": 9, "together": True}],
    "regions": [{"label": "clouds", "motion": {"kind": "flow", "direction_deg": 180}}],
    "seconds": 6, "loop": "seamless", "not_understood": ["zorkel"],
}  # fmt: skip


class Endpoint:
    """A server in the form of OpenAI's chat completions."""

    def __init__(self) -> None:
        self.status, self.body, self.headers = 200, b"", {}
        self.silent = threading.Event()  # set: it takes the question and says nothing until it is cleared
        self.over = threading.Event()
        self.asked: list[tuple[str, dict[str, Any], str | None]] = []
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                data = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                endpoint.asked.append((self.path, data, self.headers.get("Authorization")))
                if endpoint.silent.is_set():
                    endpoint.over.wait(10)
                    return
                self.send_response(endpoint.status)
                for name, value in endpoint.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(endpoint.body)

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/v1"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def says(self, content: object, status: int = 200) -> None:
        text = content if isinstance(content, str) else json.dumps(content)
        self.status, self.body = status, json.dumps({"choices": [{"message": {"content": text}}]}).encode()

    def close(self) -> None:
        self.over.set()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    server = Endpoint()
    yield server
    server.close()


def test_an_answer_becomes_moves_and_regions(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY, "secret")
    endpoint.says(GOOD)
    parsed = ask("come closer", url=endpoint.url, model="m", seconds=5)
    assert [(m.name, m.scale, m.amount, m.together) for m in parsed.moves] == [
        ("push_in", 0.5, None, False), ("pan_left", 1.0, 9.0, True),
    ]  # fmt: skip
    assert parsed.regions[0].motion.kind == "flow"
    assert (parsed.seconds, parsed.loop, parsed.unknown) == (6, "seamless", ("zorkel",))
    path, asked, key = endpoint.asked[0]
    assert (path, key) == ("/v1/chat/completions", "Bearer secret")
    schema = asked["response_format"]["json_schema"]["schema"]
    assert "push_in" in schema["$defs"]["AnsweredMove"]["properties"]["name"]["enum"]
    assert asked["messages"][1]["content"] == "come closer"


def test_the_whole_stage_takes_it(endpoint: Endpoint) -> None:
    endpoint.says({"moves": [{"name": "truck_right"}]})
    wish = AnimateOptions(prompt="whatever", planner=endpoint.url, size=(192, 128), seconds=0.5)
    direction = pipeline.prepare(EXAMPLES / "coffee.jpg", wish).direction
    assert direction.effective.camera.keyframes[-1].position[0] > 0
    assert any("language model" in note for note in direction.notes)


@pytest.mark.parametrize(
    ("content", "status", "words"),
    [
        ({"moves": [{"name": "teleport"}]}, 200, "teleport"),
        ({"moves": [{"name": "push_in", "scale": 99}]}, 200, "scale"),
        ({"moves": [], "regions": [{"label": "water", "motion": {"kind": "boil"}}]}, 200, "no plan"),
        ("I would push in slowly.", 200, "It said: I would push in slowly"),
        ('{"moves": [{"name": "push_in", "amount": Infinity}]}', 200, "amount"),
        (GOOD, 500, "refused with 500"),
    ],
)
def test_what_is_no_plan_is_an_error_and_never_replaced(
    endpoint: Endpoint, content: object, status: int, words: str
) -> None:
    endpoint.says(content, status)
    with pytest.raises(InputError, match=words):
        ask("push in", url=endpoint.url, model="m", seconds=5)


def test_an_endpoint_that_is_not_there_is_said() -> None:
    with pytest.raises(InputError, match="does not answer"):
        ask("push in", url="http://127.0.0.1:9/v1", model="m", seconds=5)
    for address in ("localhost", "http://localhost:port/v1", "http://[::1/v1", "http://a b/v1", "http://"):
        with pytest.raises(InputError, match="planner"):
            ask("push in", url=address, model="m", seconds=5)


def test_an_endpoint_that_says_nothing_is_given_up(endpoint: Endpoint) -> None:
    endpoint.silent.set()
    with pytest.raises(InputError, match=r"nothing within 0.2 s"):
        ask("push in", url=endpoint.url, model="m", seconds=5, timeout_s=0.2)


def test_the_key_goes_nowhere_else(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY, "secret")
    other = Endpoint()
    try:
        endpoint.status, endpoint.headers = 302, {"Location": f"{other.url}/chat/completions"}
        with pytest.raises(InputError, match="refused with 302"):
            ask("push in", url=endpoint.url, model="m", seconds=5)
        assert not other.asked
    finally:
        other.close()


def test_another_form_is_said(endpoint: Endpoint) -> None:
    endpoint.body = b'{"error": "busy"}'
    with pytest.raises(InputError, match="another form"):
        ask("push in", url=endpoint.url, model="m", seconds=5)
    endpoint.body = b'{"choices": [{"message": {"content": null, "refusal": "I may not."}}]}'
    with pytest.raises(InputError, match="I may not"):
        ask("push in", url=endpoint.url, model="m", seconds=5)
    endpoint.body = b"<html>"
    with pytest.raises(InputError, match="JSON: <html>"):
        ask("push in", url=endpoint.url, model="m", seconds=5)
