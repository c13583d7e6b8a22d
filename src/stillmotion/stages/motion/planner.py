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


class _Answered(BaseModel):
    model_config = ConfigDict(extra="forbid")


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


def ask(prompt: str, *, url: str, model: str, seconds: float) -> Parsed:
    """Let a model read a sentence.

    `url` is the endpoint's base ("http://localhost:8080/v1"), `model` its name there.

    Raises:
        InputError: the endpoint does not answer, answers with an error, or not in the form asked for.
    """
    said = _post(url, _request(prompt, model, seconds))
    try:
        content = said["choices"][0]["message"]["content"]
        answer = Answer.model_validate_json(content)
    except (KeyError, IndexError, TypeError) as error:
        raise InputError(f"The planner at {url} answered in another form: {json.dumps(said)[:200]}") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "answer"
        raise InputError(
            f"The planner's answer is no plan: {place}: {first['msg']}.", hint="Ask again, or leave it out."
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


def _post(url: str, body: dict[str, Any]) -> Any:  # Any: JSON of another program
    if not url.startswith(("http://", "https://")):
        raise InputError(f"The planner's address is {url!r}; it begins with http:// or https://.")
    headers = {"Content-Type": "application/json"}
    if key := os.environ.get(KEY):
        headers["Authorization"] = f"Bearer {key}"
    request = urllib.request.Request(f"{url.rstrip('/')}/chat/completions", json.dumps(body).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:
            return json.loads(response.read(_MOST_BYTES))
    except urllib.error.HTTPError as error:
        said = error.read(300).decode("utf-8", "replace").strip()
        raise InputError(f"The planner at {url} refused with {error.code}: {said or error.reason}") from error
    except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
        raise InputError(
            f"The planner at {url} does not answer: {getattr(error, 'reason', error)}.", hint="Is it running?"
        ) from error
    except ValueError as error:
        raise InputError(f"The planner at {url} did not answer with JSON.") from error
