"""A language model as planner: any OpenAI-compatible endpoint, off unless asked for.

    sentence ─▶ POST URL/chat/completions with a JSON schema ─▶ answer ─validated▶ Parsed, as the grammar gives it

Nothing else is sent but the sentence, the length of the clip and the words that may be used: no photo. The answer is
held to the same bounds as a plan file; one that does not fit is an error, never repaired and never replaced by the
grammar.
"""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from http.client import HTTPException
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stillmotion.errors import InputError
from stillmotion.options import Loop
from stillmotion.plan import LabelMask, Motion, RegionMotion, SaliencyMask
from stillmotion.stages.motion.grammar import Parsed
from stillmotion.stages.motion.moves import MOVES, Move
from stillmotion.vocabulary import LABELS

KEY = "STILLMOTION_PLANNER_KEY"
"""Environment variable that holds the endpoint's key, if it wants one."""
TIMEOUT_S = 60.0
_MOST_BYTES = 1 << 20
_QUOTED = 200  # characters of an answer that are shown again in an error


class _Answered(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class AnsweredMove(_Answered):
    """A camera move."""

    name: str
    scale: float = Field(default=1.0, gt=0, le=4)
    amount: float | None = Field(default=None, gt=0)
    seconds: float | None = Field(default=None, gt=0, le=600)
    together: bool = False


class AnsweredRegion(_Answered):
    """A part of the photo that moves."""

    label: str
    motion: Motion


class Answer(_Answered):
    """What the model may say."""

    moves: list[AnsweredMove] = Field(max_length=12)
    regions: list[AnsweredRegion] = Field(default_factory=list, max_length=8)
    seconds: float | None = Field(default=None, gt=0, le=600)
    loop: Loop | None = None
    not_understood: list[str] = Field(default_factory=list)


def ask(prompt: str, *, url: str, model: str, seconds: float, timeout_s: float = TIMEOUT_S) -> Parsed:
    """Let a model read a sentence for a clip of `seconds`.

    `url` is the endpoint's base ("http://localhost:8080/v1"), `model` its name there; `timeout_s` is how long the
    endpoint may be silent.

    Raises:
        InputError: the endpoint does not answer, answers with an error, or not in the form asked for.
    """
    said = _post(url, _request(prompt, model, seconds), timeout_s)
    try:
        content = said["choices"][0]["message"]["content"]
    except (KeyError, IndexError, TypeError) as error:
        raise InputError(f"The planner at {url} answered in another form: {_start(json.dumps(said))}") from error
    if not isinstance(content, str):  # a model that refuses says why beside an empty answer
        raise InputError(f"The planner at {url} gave no plan: {_start(json.dumps(said['choices'][0]['message']))}")
    try:
        answer = Answer.model_validate_json(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "answer"
        raise InputError(
            f"The planner's answer is no plan: {place}: {first['msg']}. It said: {_start(content)}",
            hint="Ask again, or leave out --planner: the grammar then reads the prompt.",
        ) from error
    return _parsed(answer)


def _parsed(answer: Answer) -> Parsed:
    unknown = [move.name for move in answer.moves if move.name not in MOVES]
    unknown += [region.label for region in answer.regions if region.label not in LABELS]
    if unknown:
        raise InputError(f"The planner's answer names what does not exist: {', '.join(unknown)}.")
    moves = tuple(
        Move(name=m.name, scale=m.scale, amount=m.amount, seconds=m.seconds, together=m.together) for m in answer.moves
    )
    regions = tuple(
        RegionMotion(
            name=r.label, mask=SaliencyMask() if r.label == "subject" else LabelMask(label=r.label), motion=r.motion
        )
        for r in answer.regions
    )
    return Parsed(
        moves=moves, regions=regions, seconds=answer.seconds, loop=answer.loop,
        notes=("The plan was written by the language model that was asked.",), unknown=tuple(answer.not_understood),
        free=not moves and not regions,
    )  # fmt: skip


def _request(prompt: str, model: str, seconds: float) -> dict[str, Any]:
    moves = "; ".join(
        f"{name}: {spec.description} (unit {spec.unit}, usually {spec.amount:g})" for name, spec in MOVES.items()
    )
    system = (
        "You turn a wish for a video made from one photo into camera moves and moving regions. Use only what was "
        "asked for. Moves follow one another unless 'together' is true. 'scale' multiplies the usual amount; 'amount' "
        "replaces it. "
        f"The clip is {seconds:g} s long. Moves: {moves}. Labels of regions: {', '.join(LABELS)}."
    )
    schema = Answer.model_json_schema()
    schema["$defs"]["AnsweredMove"]["properties"]["name"]["enum"] = sorted(MOVES)
    schema["$defs"]["AnsweredRegion"]["properties"]["label"]["enum"] = sorted(LABELS)
    return {
        "model": model,
        "temperature": 0,
        "messages": [{"role": "system", "content": system}, {"role": "user", "content": prompt}],
        "response_format": {"type": "json_schema", "json_schema": {"name": "motion", "schema": schema}},
    }


class _Stay(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: it would carry the key to another host, and turn the question into a GET."""

    def redirect_request(self, *_args: object) -> None:
        return None


def _post(url: str, body: dict[str, Any], timeout_s: float) -> Any:  # Any: JSON of another program
    if not url.startswith(("http://", "https://")):
        raise InputError(f"The planner's address is {url!r}; it begins with http:// or https://.")
    headers = {"Content-Type": "application/json"}
    if key := os.environ.get(KEY):
        headers["Authorization"] = f"Bearer {key}"
    try:
        request = urllib.request.Request(f"{url.rstrip('/')}/chat/completions", json.dumps(body).encode(), headers)
        with urllib.request.build_opener(_Stay).open(request, timeout=timeout_s) as response:
            text = response.read(_MOST_BYTES)
    except urllib.error.HTTPError as error:
        with error:
            said = error.read(300).decode("utf-8", "replace").strip()
        raise InputError(f"The planner at {url} refused with {error.code}: {said or error.reason}") from error
    except (OSError, HTTPException, UnicodeError) as error:  # URLError and timeouts are among them
        why = f"nothing within {timeout_s:g} s" if isinstance(error, TimeoutError) else getattr(error, "reason", error)
        raise InputError(f"The planner at {url} does not answer: {why}.", hint="Is it running there?") from error
    except ValueError as error:
        raise InputError(f"The planner's address {url!r} is none: {error}.") from error
    try:
        return json.loads(text)
    except ValueError as error:
        raise InputError(
            f"The planner at {url} did not answer with JSON: {_start(text.decode('utf-8', 'replace'))}"
        ) from error


def _start(text: str) -> str:
    """The beginning of what was said, for a message."""
    return text if len(text) <= _QUOTED else f"{text[:_QUOTED]}…"
