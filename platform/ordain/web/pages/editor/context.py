"""What the editor shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ordain.engines.form import View
from ordain.flows.probing import Probe
from ordain.web.pages.definitions.context import Change, Chip
from ordain.web.pages.editor.map_context import MappingEditor
from ordain.web.pages.listing.context import Row
from ordain.web.pages.lists import Fault, Head, Option, State
from ordain.web.pages.record.context import Part


@dataclass(frozen=True, slots=True)
class Fact:
    """One field of a sample's record; `bad` where it has a problem."""

    name: str
    value: str
    bad: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """One sample in the strip: its tone, and the way to look at it."""

    tone: str
    href: str
    current: bool


@dataclass(frozen=True, slots=True)
class SampleLine:
    """One line of a sample's list."""

    cells: Sequence[str]


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One field of the sample's document; `inner` is its path inside its list's item, `used` that a field names it."""

    path: str
    inner: str
    name: str
    type: str
    example: str
    depth: int
    used: bool


@dataclass(frozen=True, slots=True)
class SamplePanel:
    """What a mapping's draft makes of real messages: how many pass, and one of them in full."""

    total: int
    passing: str
    held: str
    quarantined: str
    gained: str
    bars: Sequence[Bar]
    place: str
    before: str
    after: str
    failing: str
    state: State
    problems: Sequence[Fault]
    facts: Sequence[Fact]
    heads: Sequence[str]
    lines: Sequence[SampleLine]
    checks: Sequence[Fact]
    results: Mapping[str, str]
    sources: Sequence[SourceLine]


@dataclass(frozen=True, slots=True)
class FormPreview:
    """A form's draft as staff would meet it: a new record's sections, and the list with its newest records.

    `later` are the sections that show only once their condition holds; no heads where the type has no list of its own.
    """

    title: str
    button: str
    parts: Sequence[Part]
    later: Sequence[str]
    states: Sequence[State]
    heads: Sequence[Head]
    rows: Sequence[Row]
    sentence: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A problem on a line of the JSON."""

    line: int
    message: str


@dataclass(frozen=True, slots=True)
class Conflicted:
    """Somebody else saved meanwhile: who, and both sides against each other."""

    owner: str
    changes: Sequence[Change]
    mine: str
    hash: str


@dataclass(frozen=True, slots=True)
class EditorPage:
    """One definition in work. `seen` is the hash the next save is made against."""

    kind: str
    kind_title: str
    kind_href: str
    key: str
    title: str
    href: str
    edit_href: str
    group: str
    effect_href: str
    json_href: str
    chips: Sequence[Chip]
    tab: str
    seen: str
    saved: str
    owner: str
    view: View | None
    text: str
    problems: Sequence[Fault]
    changes: Sequence[Change]
    sample: SamplePanel | None
    may_publish: bool
    drafted: bool
    live: bool
    compare_href: str = ""
    undrawable: str = ""
    conflict: Conflicted | None = None
    ask_href: str = ""
    probe: Probe | None = None
    first: str = ""
    lists: Sequence[tuple[str, Sequence[Option]]] = field(default_factory=list)
    marks: Sequence[Mark] = ()
    mapping: MappingEditor | None = None
    preview: FormPreview | None = None
    together: Sequence[Option] = ()


@dataclass(frozen=True, slots=True)
class NewPage:
    """Beginning a definition: which kind, from what, under which name."""

    kind: str
    kind_title: str
    kind_href: str
    kinds: Sequence[Option]
    likes: Sequence[Option]
    key: str
    zh: str
    en: str
    problems: Sequence[Fault]
    sample: str = ""
