"""The market's policy: the rules in force, and what another one would change."""

from collections import deque
from typing import Annotated

import msgspec
from litestar import get, post
from litestar.params import JSONBody
from litestar.status_codes import HTTP_200_OK

from penchant.core.errors import Forbidden, Invalid, SettingWrong, SignInNeeded
from penchant.core.ids import format_id
from penchant.safety.dry_run import Outcome, dry_run
from penchant.safety.policy import parse_policy
from penchant.web.auth import admin, moderator
from penchant.web.dependencies import Asking, Cell
from penchant.web.documentation import refusals
from penchant.web.threads import in_thread

_SHOWN = 100
"""Changes that are named one by one; all are counted."""
_MOST_CHARACTERS = 200_000


class RuleOut(msgspec.Struct, frozen=True):
    name: str
    when: list[str]
    do: str
    on: list[str]
    harm: int
    hours: int | None
    words: dict[str, str]
    basis: str


class RulesOut(msgspec.Struct, frozen=True):
    version: str
    rules: list[RuleOut]


class PolicyText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    text: Annotated[str, msgspec.Meta(max_length=_MOST_CHARACTERS)]


class ChangeOut(msgspec.Struct, frozen=True):
    kind: str
    target: str
    before: list[str]
    """Actions, with `?` where a person is asked."""
    after: list[str]


class DryRunOut(msgspec.Struct, frozen=True):
    before: str
    """Version in force."""
    after: str
    looked_at: int
    """Everything that is labelled."""
    changed: int
    beginning: dict[str, int]
    """Action → how many it would reach."""
    ending: dict[str, int]
    changes: list[ChangeOut]


@get("/api/admin/policy", tags=["admin"], responses=refusals(SignInNeeded, Forbidden))
@in_thread
def show_rules(penchant: Cell, viewer: Asking) -> RulesOut:
    """The rules that moderators decide by."""
    moderator(viewer)
    policy = penchant.safety.policy
    rules = [
        RuleOut(rule.name, rule.when, rule.do, list(rule.on), rule.harm, rule.hours, rule.words, rule.basis)
        for rule in policy.rules
        if rule.do != "allow"
    ]
    return RulesOut(policy.version, rules)


@post(
    "/api/admin/policy/dry-run",
    status_code=HTTP_200_OK,
    tags=["admin"],
    responses=refusals(SignInNeeded, Forbidden),
)
@in_thread
def try_policy(penchant: Cell, viewer: Asking, data: JSONBody[PolicyText]) -> DryRunOut:
    """What another policy would begin and end, for everything that is labelled; changes nothing. 422 says what is wrong
    with the file.
    """
    admin(viewer)
    try:
        new = parse_policy(data.text, "as sent")
    except SettingWrong as problem:
        raise Invalid(problem.message, fields={"text": problem.message}) from problem
    old = penchant.safety.policy
    with penchant.engine.connect() as connection:
        last = deque(dry_run(connection, old, new, penchant.safety.labelled()), maxlen=1)
    outcome = last.pop() if last else Outcome()
    return DryRunOut(
        before=old.version,
        after=new.version,
        looked_at=outcome.looked_at,
        changed=len(outcome.changes),
        beginning=dict(outcome.starting()),
        ending=dict(outcome.ending()),
        changes=[
            ChangeOut(change.kind, format_id(change.target), list(change.before), list(change.after))
            for change in outcome.changes[:_SHOWN]
        ],
    )


ROUTES = [show_rules, try_policy]
