"""A new rule to fill in, as a draft that loads and fails its proof until its author has made it true."""

from __future__ import annotations

MADE_UP = ("违规例子", "合法例子")
"""The words of its lists, which its author replaces."""

_RULE = """\
  - id: {category}.{name}
    title: {{en: "What a moderator reads", zh: "审核员看到的标题"}}
    status: draft                 # draft -> shadow (recorded, not queued) -> live
    score: 0.9                    # 0.5 and above queues; from 0.92 on, reading harmless lowers nothing
    when: {name} and contact within 60
    guards:
      - {{when: {name}_lawful, lower: 0.5, because: {{en: "why this speaks for innocence", zh: "为何说明无辜"}}}}
    lawful: ["what looks like it and is lawful"]
    hits:                         # at least three, at least one evasive
      - 第一个违规例子，加微信 abc12345
      - {{text: 违 规 例 子 加微信 abc12345, evasive: spacing}}
      - {{title: 第三个, description: 违规例子加微信 abc12345, seller: {{kind: person}}}}
    misses:                       # at least three, each with why it is innocent
      - {{text: 第一个合法例子, because: "why it is innocent"}}
      - {{text: 第二个合法例子, because: "why it is innocent"}}
      - {{text: 第三个合法例子, because: "why it is innocent"}}
"""

_TERMS = """\
  {name}:
    any: [违规例子]               # the words; separators, width, case and script do not matter
    except: []                    # longer lawful words that cover a term
    strength: M                   # H: alone enough | M: needs one more sign | L: only names the goods
  {name}_lawful:
    any: [合法例子]
    strength: L
"""

_MODULE = """\
# yaml-language-server: $schema=module.schema.json
category: {category}
name: {{en: "Name of the category", zh: "类别名称"}}
severity: S3                      # S4 sold by nobody | S3 only by the licensed | S2 depends on context | S1 weak
owner: policy@example.org
policy:
  law: []                         # codes of the clauses, such as PRC-ATFL-31
  says: {{en: "What the policy says, in a sentence a seller understands.", zh: "用卖家看得懂的一句话写明规定。"}}
"""


def new_rule(category: str, name: str) -> str:
    """A rule to append under ``rules:``."""
    return _RULE.format(category=category, name=name)


def new_terms(name: str) -> str:
    """The rule's term lists, to append under ``terms:``."""
    return _TERMS.format(name=name)


def new_module(category: str, name: str) -> str:
    """A whole file for a category of its own."""
    return f"{_MODULE.format(category=category)}terms:\n{new_terms(name)}rules:\n{new_rule(category, name)}"
