"""Staff forms: from a form definition to the schema that the one form engine draws, and what a record may become."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ordain.base.errors import Problem, Refused, problem
from ordain.base.text import Text
from ordain.engines.form.shape import Shape, compile_shape
from ordain.language.expression import BOOL, EvaluationError, Expression, Scope, compile_expression
from ordain.records.access import OWN
from ordain.records.fields import form_names
from ordain.records.files import KINDS as FILES
from ordain.records.files import any_in
from ordain.records.types import TYPES, BuiltIn

_TEXT_LIMIT: Final = 500
_LONG_LIMIT: Final = 20_000
_ROWS: Final = 1_000
_LARGEST: Final = 10**15  # of numbers: what expressions reckon with, and every column holds


@dataclass(frozen=True, slots=True)
class State:
    """One state of a record: where it may go, and which fields may be changed in it (None: all)."""

    key: str
    title: Text
    to: tuple[str, ...]
    edit: frozenset[str] | None
    mark: str


@dataclass(frozen=True, slots=True)
class Section:
    """Fields that stand together; shown while `when` holds."""

    key: str
    title: Text
    fields: tuple[str, ...]
    when: Expression | None


@dataclass(frozen=True, slots=True)
class StaffForm:
    """A compiled form: its schema and shape, states, sections, and what lists show.

    `fields` are all there are, `shape` holds those that people write. Of a built-in type, `own` are the fields the
    definition adds, `fixed` those nobody writes by hand, `once` those written only when a record is made.
    """

    key: str
    record: str
    title: Text
    schema: Mapping[str, Any]
    shape: Shape
    states: Mapping[str, State]
    sections: tuple[Section, ...]
    columns: tuple[str, ...]
    filters: tuple[str, ...]
    searched: tuple[str, ...]
    protected: frozenset[str]
    fields: Mapping[str, Mapping[str, Any]]
    own: frozenset[str] = frozenset()
    fixed: frozenset[str] = frozenset()
    once: frozenset[str] = frozenset()
    built_in: bool = False
    icon: str = "inbox"

    @property
    def made_here(self) -> bool:
        """Whether people make records of it; those of some built-in types only come from channels."""
        return not self.built_in or bool(set(self.fields) - self.own - self.fixed)

    @property
    def right(self) -> str:
        """What roles call the type: "product", or "record:NAME" for one an admin made."""
        return self.record if self.built_in else f"{OWN}{self.record}"

    @property
    def first(self) -> str:
        """The state a new record begins in; "" where the form has none."""
        return next(iter(self.states), "")


def compile_staff_form(document: Mapping[str, Any]) -> StaffForm:
    """Return the form of a definition; Refused with every problem, paths in its spec."""
    spec = document["spec"]
    base = TYPES.get(spec["record"]) if spec.get("extends") else None
    if spec.get("extends") and base is None:
        raise Refused([_unknown("record", "unknown_record", ("内置类型", "built-in type"), spec["record"], TYPES)])
    own: Mapping[str, Any] = spec.get("fields", {})
    fields = {**base.fields, **own} if base else own
    problems: list[Problem] = [*_taken(base, own), *_bad_names(spec, fields), *_filed(base, own)]
    sections = _sections(spec, fields, problems)
    if problems:
        raise Refused(problems)
    fixed = base.fixed if base else frozenset()
    schema = _object({name: field for name, field in fields.items() if name not in fixed})
    listed = spec.get("list", {})
    flat = [name for name, field in fields.items() if field["type"] not in ("list", "long_text", *FILES)]
    choices = tuple(name for name in flat if fields[name]["type"] in ("choice", "bool"))
    return StaffForm(
        document["key"],
        spec["record"],
        Text.of(document["title"]),
        schema,
        compile_shape(schema),
        _states(spec.get("states") or (base.states if base else {})),
        tuple(sections),
        tuple(listed.get("columns") or (base.columns if base else flat[:5])),
        tuple(listed.get("filters") or (base.filters if base else choices)),
        tuple(name for name, field in fields.items() if field.get("searchable") and not field.get("protected")),
        frozenset(name for name, field in fields.items() if field.get("protected")),
        fields,
        frozenset(own),
        fixed,
        base.once if base else frozenset(),
        base is not None,
        base.icon if base else "inbox",
    )


def written_fields(form: StaffForm, state: str, *, new: bool) -> frozenset[str]:
    """Return the fields that people write: all but fixed ones, and those this state bars."""
    known = form.states.get(state)
    free = frozenset(form.fields) - form.fixed - (frozenset() if new else form.once)
    return free if new or known is None or known.edit is None else free & known.edit


def defaults(form: StaffForm) -> dict[str, Any]:
    """Return what the fields of a new record hold before anybody writes."""
    return {name: field["default"] for name, field in form.fields.items() if "default" in field}


def record_name(form: StaffForm, number: int, label: str) -> str:
    """Return what people call a record: its own label, else its number with the form's initials."""
    letters = "".join(word[0] for word in form.key.split("-")).upper()
    return label or f"{letters}-{number:05d}"


def shown_sections(form: StaffForm, data: Mapping[str, Any], state: str) -> list[Section]:
    """Return the sections that are shown for these values."""
    return [section for section in form.sections if section.when is None or _holds(section.when, data, state)]


def judge(form: StaffForm, data: Mapping[str, Any], state: str, found: Sequence[Problem]) -> list[Problem]:
    """Return the problems that count: all but those of fields in sections that are not shown."""
    shown = {name for section in shown_sections(form, data, state) for name in section.fields}
    hidden = set(form.fields) - shown
    return [item for item in found if item.path.split(".", 1)[0] not in hidden]


def _holds(when: Expression, data: Mapping[str, Any], state: str) -> bool:
    try:
        return when.holds({**data, "state": state})
    except EvaluationError:
        return True  # what cannot be judged is not hidden


def _sections(spec: Mapping[str, Any], fields: Mapping[str, Any], problems: list[Problem]) -> list[Section]:
    scope = Scope(form_names(fields), "CNY")
    made = []
    for place, section in enumerate(spec.get("layout", ())):
        when = None
        if "show_when" in section:
            try:
                path = f"layout.{place}.show_when"
                when = compile_expression(section["show_when"], scope, expects=BOOL, path=path)
            except Refused as refused:
                problems.extend(refused.problems)
        title = Text.of(section.get("title", section["section"]))
        made.append(Section(section["section"], title, tuple(section["fields"]), when))
    placed = {name for section in made for name in section.fields}
    rest = tuple(name for name in fields if name not in placed)
    if rest:
        made.append(Section("rest", Text("其他", "Other") if made else Text("", ""), rest, None))
    return made


def _taken(base: BuiltIn | None, own: Mapping[str, Any]) -> list[Problem]:
    """Return the fields of the definition whose names the built-in type has for its own."""
    return [
        problem(
            f"fields.{name}",
            "taken",
            f"内置类型已有字段“{name}”，请换一个名称",
            f"the built-in type has a field “{name}” already; choose another name",
        )
        for name in own
        if base and name in base.fields
    ]


def _filed(base: BuiltIn | None, own: Mapping[str, Any]) -> list[Problem]:
    """Return the fields for files that a definition gives to orders, which hold none."""
    return [
        problem(
            f"fields.{name}.type",
            "no_files",
            "订单不能附文件；请放在退货申请或自建表单中",
            "orders hold no files; put it into return requests or a form of your own",
        )
        for name, field in own.items()
        if base and base.record == "order" and any_in({name: field})
    ]


def _states(states: Mapping[str, Any]) -> dict[str, State]:
    return {
        key: State(
            key,
            Text.of(state.get("title", key)),
            tuple(state.get("to", ())),
            frozenset(state["edit"]) if "edit" in state else None,
            state.get("mark", "open"),
        )
        for key, state in states.items()
    }


def _bad_names(spec: Mapping[str, Any], fields: Mapping[str, Any]) -> list[Problem]:
    """Return the names in layout, list and states that nothing stands behind."""
    states = spec.get("states", {})
    asked = [
        *((f"layout.{n}.fields", name) for n, part in enumerate(spec.get("layout", ())) for name in part["fields"]),
        *(("list.columns", name) for name in spec.get("list", {}).get("columns", ())),
        *(("list.filters", name) for name in spec.get("list", {}).get("filters", ())),
        *((f"states.{key}.edit", name) for key, state in states.items() for name in state.get("edit", ())),
    ]
    own = {"state", "number", "created_at", "updated_at", "created_by"}
    known = ", ".join(fields)
    found = [
        problem(
            path, "unknown_field", f"没有字段“{name}”，现有：{known}", f"there is no field “{name}”; known: {known}"
        )
        for path, name in asked
        if name not in fields and name not in own
    ]
    listed = ", ".join(states)
    found += [
        problem(
            f"states.{key}.to",
            "unknown_state",
            f"没有状态“{to}”，现有：{listed}",
            f"there is no state “{to}”; known: {listed}",
        )
        for key, state in states.items()
        for to in state.get("to", ())
        if to not in states
    ]
    found += [
        problem(f"fields.{name}.options", "required", "选择字段需要选项", "a choice needs options")
        for name, field in fields.items()
        if field["type"] == "choice" and not field.get("options")
    ]
    return found


def _unknown(path: str, code: str, what: tuple[str, str], name: str, known: Iterable[str]) -> Problem:
    listed = ", ".join(known)
    zh, en = what
    return problem(path, code, f"没有{zh}“{name}”，现有：{listed}", f"there is no {en} “{name}”; known: {listed}")


def _object(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {name: _schema(field) for name, field in fields.items()},
        "required": [name for name, field in fields.items() if field.get("required")],
    }


def _schema(field: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"x-title": field["title"]}
    if "help" in field:
        made["x-help"] = field["help"]
    limits = {"minimum": field.get("least", -_LARGEST), "maximum": field.get("most", _LARGEST)}
    short = {"type": "string", "maxLength": int(field.get("most", _TEXT_LIMIT))}
    if field.get("required"):
        short["minLength"] = 1
    match field["type"]:
        case "integer":
            return made | {"type": "integer"} | limits
        case "decimal":
            return made | {"type": "number"} | limits
        case "money":
            return made | {"type": "integer", "x-widget": "money"} | limits
        case "bool":
            return made | {"type": "boolean"}
        case "date":
            return made | {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$", "x-widget": "date"}
        case "datetime":
            return made | short | {"x-widget": "datetime"}
        case "choice":
            options = field.get("options", {})
            return made | {"type": "string", "enum": list(options), "x-options": options}
        case "reference":
            return made | short | {"x-ref": field.get("to", "")}
        case "list":
            return made | {"type": "array", "items": _object(field.get("fields", {})), "maxItems": _ROWS}
        case "long_text":
            return made | short | {"maxLength": int(field.get("most", _LONG_LIMIT)), "x-widget": "long"}
        case "file" | "image" as kind:
            return made | short | {"x-widget": kind}
        case _:
            return made | short
