"""Notices: what a definition lets them say, in the reader's language, and by which way they go."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from ordain.base.errors import Problem, Refused, problem
from ordain.base.text import LANGUAGES, Language
from ordain.language.template import Template, compile_template

Way = Literal["sms", "mail"]
WAYS: Final[tuple[Way, ...]] = ("sms", "mail")


@dataclass(frozen=True, slots=True)
class Notice:
    """One compiled notice; its texts name nothing but `facts`."""

    by: tuple[Way, ...]
    everywhere: bool
    facts: frozenset[str]
    secret: bool
    valid_minutes: float | None
    subject: Mapping[Language, Template]
    body: Mapping[Language, Template]
    templates: Mapping[Language, str]
    parameters: tuple[str, ...]
    connectors: Mapping[Way, str]

    def ways(self, addresses: Mapping[Way, str]) -> list[Way]:
        """Return by which ways a recipient with these addresses is told; [] where there is none."""
        open_ = [way for way in self.by if addresses.get(way)]
        return open_ if self.everywhere else open_[:1]

    def kept(self, facts: Mapping[str, Any]) -> dict[str, Any]:
        """Return the facts this notice may carry: those it names, and nothing else."""
        return {name: value for name, value in facts.items() if name in self.facts}

    def render(self, facts: Mapping[str, Any], language: Language, zone: ZoneInfo) -> "Rendered":
        """Return the texts in a language."""
        known = self.kept(facts)
        return Rendered(
            self.subject[language].render(known, zone),
            self.body[language].render(known, zone),
            self.templates.get(language, ""),
            {name: str(known.get(name, "")) for name in self.parameters},
        )


@dataclass(frozen=True, slots=True)
class Rendered:
    """What is sent: texts, and for SMS the provider's template with its parameters."""

    subject: str
    body: str
    template: str
    parameters: Mapping[str, str]


def compile_notice(spec: Mapping[str, Any]) -> Notice:
    """Return the compiled notice; Refused where a text names what the notice may not carry."""
    problems: list[Problem] = []
    declared = frozenset(spec["facts"]) if "facts" in spec else None
    texts: dict[str, dict[Language, Template]] = {"subject": {}, "body": {}}
    for part, made in texts.items():
        for language in LANGUAGES:
            made[language] = _template(spec.get(part, {}).get(language, ""), f"{part}.{language}", declared, problems)
    named = frozenset(name for made in texts.values() for template in made.values() for name in template.names)
    sms = spec.get("sms", {})
    parameters = tuple(sms.get("parameters", ()))
    facts = declared if declared is not None else named | set(parameters)
    problems.extend(
        _unknown(f"sms.parameters.{place}", name) for place, name in enumerate(parameters) if name not in facts
    )
    if problems:
        raise Refused(problems)
    return Notice(
        by=tuple(way for way in spec.get("by", WAYS) if way in WAYS),
        everywhere=spec.get("reach", "first") == "all",
        facts=facts,
        secret=bool(spec.get("secret", False)),
        valid_minutes=spec.get("valid_minutes"),
        subject=texts["subject"],
        body=texts["body"],
        templates=sms.get("template", {}),
        parameters=parameters,
        connectors={"sms": spec.get("sms_connector", "sms"), "mail": spec.get("mail_connector", "mail")},
    )


def _template(text: str, path: str, declared: frozenset[str] | None, problems: list[Problem]) -> Template:
    try:
        made = compile_template(text, path)
    except Refused as refused:
        problems.extend(refused.problems)
        return compile_template("")
    if declared is not None:
        problems.extend(_unknown(path, name) for name in sorted(made.names - declared))
    return made


def _unknown(path: str, name: str) -> Problem:
    return problem(
        path,
        "unknown_fact",
        f"通知不能引用“{name}”，请先在“可用信息”中添加",
        f"the notice may not name “{name}”; add it to its facts first",
    )
