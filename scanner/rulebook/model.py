"""What a rule file may say: the one definition behind reading, the JSON Schema and the reference page.

A file in ``rules/`` is a ``ModuleFile`` (one category: its policy, term lists and rules); a file in ``rules/shared/``
is a ``SharedFile`` (term lists and patterns that other files use as ``file.list``). Every key that is not described
here is refused. YAML scalars arrive as text (see ``tree``) and get their types here, so ``NO`` and ``012`` stay words
in a term list.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from scanner.model import Availability, SellerKind, Severity

NAME = r"^[a-z][a-z0-9_]{0,47}$"
MOST_TERMS = 20_000
LONGEST_TERM = 64
LONGEST_PATTERN = 1_000
LONGEST_CONDITION = 2_000
FEWEST_EXAMPLES = 3
QUEUE_AT = 0.5

Name = Annotated[str, StringConstraints(pattern=NAME)]
TermText = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_TERM)]
ExampleText = Annotated[str, StringConstraints(max_length=20_000)]


class Strength(StrEnum):
    """What a term is worth alone."""

    H = "H"
    M = "M"
    L = "L"


class Status(StrEnum):
    """The life of a rule. Only live and canary rules put listings into the queue."""

    DRAFT = "draft"
    SHADOW = "shadow"
    CANARY = "canary"
    LIVE = "live"
    RETIRED = "retired"

    @property
    def queues(self) -> bool:
        """Whether a finding of such a rule puts its listing into the queue."""
        return self in {Status.LIVE, Status.CANARY}


class Part(BaseModel):
    """Anything in a rule file: frozen, and no keys but the described ones."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Wording(Part):
    """A text for people. Plain text stands for both languages."""

    en: str = Field(min_length=1, max_length=2_000, description="English")
    zh: str = Field("", max_length=2_000, description="Simplified Chinese; empty: the English text is shown")


def _as_wording(value: Any) -> Any:
    return {"en": value, "zh": value} if isinstance(value, str) else value


Words = Annotated[Wording, BeforeValidator(_as_wording, json_schema_input_type=str | Wording)]


class TermList(Part):
    """Words that mean the same to a rule. A listing has the list when it has any of them."""

    any: tuple[TermText, ...] = Field(
        min_length=1, max_length=MOST_TERMS, description="the words; separators, width, case and script do not matter"
    )
    covers: tuple[TermText, ...] = Field(
        (),
        alias="except",
        max_length=MOST_TERMS,
        description="longer lawful words: a term inside one of them is dropped",
    )
    strength: Strength = Field(
        Strength.M,
        description="H: alone enough to queue. M: needs one more sign. L: only names the goods",
    )
    sound: bool = Field(
        default=False,
        description="also by sound (toneless syllables); words of two syllables by the homophones that sellers use",
    )
    split: bool = Field(default=False, description="also with a character taken apart into ordinary ones (手木几卡)")
    pinyin: bool = Field(default=False, description="also written in Latin pinyin (shou ji ka)")
    note: str = Field("", max_length=2_000, description="for the next author: what the list is for")


class PatternList(Part):
    """A regular expression in RE2 syntax, on the folded view: lower-case, half-width, simplified characters."""

    re: str = Field(min_length=1, max_length=LONGEST_PATTERN, description="RE2: no look-around, no back-references")
    covers: tuple[TermText, ...] = Field(
        (),
        alias="except",
        max_length=MOST_TERMS,
        description="longer lawful words: a match inside one of them is dropped",
    )
    strength: Strength = Field(Strength.M, description="as for term lists")
    note: str = Field("", max_length=2_000, description="for the next author: what it is meant to find")


class ExampleSeller(Part):
    """The seller of an example."""

    name: str = Field("", description="shop name")
    kind: SellerKind = Field(SellerKind.UNKNOWN, description="who sells")
    licences: tuple[str, ...] = Field((), description="licences that the platform has verified")
    registered_at: datetime | None = Field(None, description="since when the seller is there; write a time zone")


class Example(Part):
    """A listing, by the fields that matter."""

    text: ExampleText = Field("", description="a listing without fields")
    title: ExampleText = Field("", description="title")
    description: ExampleText = Field("", description="description")
    hidden_text: ExampleText = Field("", description="in the page, but not shown to a buyer")
    options: tuple[ExampleText, ...] = Field((), description="names of options (SKUs)")
    attributes: dict[str, ExampleText] = Field(default_factory=dict, description="attributes by name")
    questions: tuple[ExampleText, ...] = Field((), description="questions and answers")
    category_path: tuple[str, ...] = Field((), description="where the platform files it, outermost first")
    brand: str = Field("", description="brand")
    price: Decimal | None = Field(None, description="price of one")
    currency: str = Field("", description="ISO 4217 code")
    quantity: int | None = Field(None, ge=0, description="how many are on offer")
    availability: Availability = Field(Availability.UNKNOWN, description="stock")
    language: str = Field("", description="language as the platform says")
    seen_at: datetime | None = Field(None, description="when it was seen; write a time zone")
    seller: ExampleSeller = Field(ExampleSeller(), description="who offers it")

    @model_validator(mode="after")
    def _says_something(self) -> Example:
        if not (self.text or self.title or self.description or self.hidden_text or self.options or self.attributes):
            raise ValueError("an example needs a text, title, description, options, attributes or hidden_text")
        return self


class Hit(Example):
    """A listing that the rule must find."""

    evasive: str = Field("", description="how it hides: spacing, homophone, split, traditional, emoji …")
    because: str = Field("", description="why it is a violation, where that is not plain")


class Miss(Example):
    """A lawful listing that the rule must spare."""

    because: str = Field(min_length=2, description="why it is innocent")


def _as_example(value: Any) -> Any:
    return {"text": value} if isinstance(value, str) else value


HitExample = Annotated[Hit, BeforeValidator(_as_example, json_schema_input_type=str | Hit)]


# Above this chance a passage reads like a prohibited offer, and innocent words beside it are not believed.
SUSPICIOUS_AT = 0.95


class Guard(Part):
    """A sign of innocence. It lowers the score and never erases: sellers write 床上 beside 银行卡四件套.

    Nor is it believed where a passage ``around`` the words that the rule found reads like a prohibited offer: 保护套
    and 教材 cost nothing to write. What no seller can write is ``always`` true.
    """

    when: str = Field(min_length=1, max_length=LONGEST_CONDITION, description="a condition, as in `when` of a rule")
    lower: float = Field(gt=0, le=0.95, description="share of the score that is taken away: 0.5 halves it")
    because: Words = Field(description="why this speaks for innocence; shown in the finding's reason")
    below: float | None = Field(
        None, gt=0, le=1, description="only rules that score less than this are lowered; empty: all"
    )
    up_to: Severity | None = Field(
        None, description="only rules of this severity or a lighter one are lowered; empty: all"
    )
    around: float = Field(
        SUSPICIOUS_AT,
        gt=0,
        le=1,
        description="only where no 12 words in a row around those that the rule found read like a prohibited offer by"
        " more than this chance",
    )
    elsewhere: bool = Field(
        default=False,
        description="the goods are another module's to judge: whatever stands `around`, as long as some rule queues the"
        " listing",
    )
    always: bool = Field(
        default=False,
        description="whatever stands `around`: for verified facts, which no seller can write",
    )


class RuleText(Part):
    """One rule, as written."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]{0,63}$", description="category.name; never reused")
    title: Words = Field(description="what a moderator reads")
    severity: Severity | None = Field(None, description="default: the module's")
    status: Status = Field(
        Status.LIVE, description="draft (only tests see it), shadow (recorded, not queued), canary, live, retired"
    )
    score: float = Field(0.9, gt=0, le=1, description="how sure it is, 0 to 1; 0.5 and above queues")
    when: str = Field(min_length=1, max_length=LONGEST_CONDITION, description="the condition")
    unless: str = Field(
        "",
        max_length=LONGEST_CONDITION,
        description="verified facts (seller, category, language) that silence the rule",
    )
    guards: tuple[Guard, ...] = Field((), max_length=32, description="signs of innocence that lower the score")
    packs: tuple[Name, ...] = Field((), description="law and platform packs it belongs to; empty: always active")
    expires: date | None = Field(None, description="after this day `delist rules check` asks for a new decision")
    owner: str = Field("", description="who answers for it; default: the module's")
    references: tuple[str, ...] = Field((), description="law, case or report behind it")
    lawful: tuple[str, ...] = Field((), description="lawful look-alikes, in words, for moderators")
    hits: tuple[HitExample, ...] = Field((), description="must be found: at least three, at least one evasive")
    misses: tuple[Miss, ...] = Field((), description="must be spared: at least three, each with `because`")

    @model_validator(mode="after")
    def _proves_itself(self) -> RuleText:
        if self.status in {Status.DRAFT, Status.RETIRED}:
            return self
        for kind, examples in (("hits", self.hits), ("misses", self.misses)):
            if len(examples) < FEWEST_EXAMPLES:
                raise ValueError(
                    f"a {self.status} rule needs at least {FEWEST_EXAMPLES} {kind}, it has {len(examples)}"
                    " (a draft may have fewer)"
                )
        return self


class Policy(Part):
    """The clause that decisions and notices quote."""

    law: tuple[str, ...] = Field((), description="codes of the clauses, such as PRC-ATFL-31")
    says: Words = Field(description="what the policy says, in a sentence a seller understands")


class SharedFile(Part):
    """A file in `rules/shared/`: lists that other files use as `file.list`."""

    name: Words | None = Field(None, description="what the lists are about")
    terms: dict[Name, TermList] = Field(default_factory=dict, description="term lists by name")
    patterns: dict[Name, PatternList] = Field(default_factory=dict, description="patterns by name")


class ModuleFile(SharedFile):
    """A file in `rules/`: one category."""

    category: Name = Field(description="code of the category; the file is called so too")
    name: Words = Field(description="name of the category")
    severity: Severity = Field(description="default for the module's rules")
    owner: str = Field("", description="who answers for the module")
    policy: Policy = Field(description="the clause behind it")
    packs: tuple[Name, ...] = Field((), description="default for the module's rules")
    guards: tuple[Guard, ...] = Field((), max_length=32, description="signs of innocence for all rules of the module")
    rules: tuple[RuleText, ...] = Field(min_length=1, max_length=500, description="the rules")
