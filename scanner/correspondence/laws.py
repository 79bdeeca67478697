"""The names of the laws that rules cite, for those who read a letter and not a code.

A rule cites ``PRC-ATFL-31``; a letter says "Anti-Telecom and Online Fraud Law, article 31". Criminal statutes are left
out of letters: a platform takes down a listing, and accuses nobody of a crime (see ``named``).
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec


class Law(msgspec.Struct, frozen=True):
    """A law's names. ``is_criminal``: cited within, never in a letter."""

    en: str
    zh: str
    is_criminal: bool = False


LAWS: dict[str, Law] = {
    "PRC-ATFL": Law("Anti-Telecom and Online Fraud Law", "《反电信网络诈骗法》"),
    "PRC-ECL": Law("E-Commerce Law", "《电子商务法》"),
    "PRC-TELECOM": Law("Telecommunications Regulations", "《电信条例》"),
    "PRC-PIPL": Law("Personal Information Protection Law", "《个人信息保护法》"),
    "PRC-IDCARD": Law("Resident Identity Card Law", "《居民身份证法》"),
    "PRC-NONBANK": Law("Regulations on Non-Bank Payment Institutions", "《非银行支付机构监督管理条例》"),
    "PRC-AML": Law("Anti-Money-Laundering Law", "《反洗钱法》"),
    "PRC-AUCL": Law("Anti-Unfair Competition Law", "《反不正当竞争法》"),
    "PRC-MINORS-NET": Law("Regulations on the Protection of Minors in Cyberspace", "《未成年人网络保护条例》"),
    "PRC-PREPAID-2012": Law("Rules on prepaid cards (2012)", "《支付机构预付卡业务管理办法》"),
    "PRC-CULTURE-2009-20": Law("Notice on virtual currency of online games (2009, no. 20)", "文市发〔2009〕20号"),
    "PRC-CL": Law("Criminal Law", "《刑法》", is_criminal=True),
    "MIIT-2020-9": Law("Notice on the security of IoT cards (2020, no. 9)", "工信厅网安〔2020〕9号"),
    "MIIT-2016-NUMBER-CHANGE": Law(
        "Notice on software that changes the caller's number (2016)", "《关于改号软件治理的通知》（2016）"
    ),
    "UK-CPA": Law("Crime and Policing Act 2026 (UK)", "英国2026年《犯罪与警务法》", is_criminal=True),
}


def named(clause: str, language: str) -> tuple[str, ...]:
    """The laws of a clause (``PRC-ATFL-31, PRC-ECL-13``) by name, each once, criminal statutes left out.

    A code that is not in the table stands as it is: better an odd name than none.
    """
    codes = (code.strip() for code in clause.replace(";", ",").split(","))
    return tuple(dict.fromkeys(said for code in codes if code and (said := _named(code, language))))


def _named(code: str, language: str) -> str:
    prefix = next((key for key in _by_length(LAWS) if code == key or code.startswith(key + "-")), "")
    if not prefix:
        return code
    law, article = LAWS[prefix], code[len(prefix) + 1 :]
    if law.is_criminal:
        return ""
    if language == "zh-Hans":
        return f"{law.zh}第{article}条" if article else law.zh
    return f"{law.en}, article {article}" if article else law.en


def _by_length(keys: Iterable[str]) -> list[str]:
    return sorted(keys, key=len, reverse=True)
