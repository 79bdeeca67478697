"""The watch for what comes back: what it costs intake, what it finds of what sellers change, what it takes wrongly.

Run with ``python -m benchmarks.relisting``. Offers are written here, by seed. Of each removed offer come returns in the
ways sellers use, and against them stand ordinary offers, and lawful ones of a shop that says the same of all it sells.
Intake is timed in CPU seconds, with and without fingerprints in the store, in turn: other work slows neither.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from benchmarks.listings import make
from scanner.inspection.intake import take_in
from scanner.model import Fetched, Listing, Role, Ruling, Severity
from scanner.outside import Fingerprint, Mark
from scanner.records import Decision, QueueFilter
from scanner.rulebook import Rulebook, load
from scanner.sellers.marks import Marks, contact_keys, marks_of, sketch_of, text_likeness, title_likeness
from scanner.sellers.relist import is_like
from scanner.store import Store

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECRET = "s" * 64

WAYS = {
    "word spelt otherwise": lambda text, _: text.replace("卡", "咔").replace("号", "呺"),
    "separators": lambda text, _: "·".join(text),
    "other handle": lambda text, chance: text.replace("kp", f"q{chance.randint(10, 99)}x"),
    "sentence added": lambda text, _: text + "现在下单还送小礼物一份，先到先得。",
    "sentence dropped": lambda text, _: "。".join(text.split("。")[1:]),
    "half rewritten": lambda text, _: text[: len(text) // 2] + "想要的朋友抓紧时间，错过要等下一批。",
}


PROHIBITED = (
    "手机卡 免实名",
    "流量卡 不限速",
    "接码 平台",
    "微信号 老号",
    "四件套 全新",
    "实名 代过",
    "电话卡 现货",
    "小号 批发",
)
LAWFUL = (
    "手机壳 硅胶",
    "流量 监控书",
    "手机卡针 一根",
    "卡包 真皮",
    "四件套 床品",
    "实名 火车票夹",
    "电话机 座机",
    "公交卡套 硅胶",
)
SAID = (
    "到手即用", "量大从优", "当天发货", "全国包邮", "长期有货", "先拿样品", "不用去营业厅", "信号稳定", "支持验货",
    "诚信经营",
)  # fmt: skip


def offers(goods: tuple[str, ...], number: int, chance: random.Random, *, prefix: str) -> list[Listing]:
    """Offers of a shop that says the same of all it sells; half of them with a handle of their own."""
    made = []
    for place in range(number):
        name = chance.choice(goods)
        body = f"{name} {chance.randint(1, 999)}。" + "，".join(chance.sample(SAID, 6)) + "。"
        contact = f"加V: {prefix}{chance.randint(10_000, 99_999)}。" if place % 2 else "需要的私信。"
        title = f"{name} {chance.choice(SAID)}"
        made.append(Listing(platform="demo", listing_id=f"{prefix}{place}", title=title, description=body + contact))
    return made


def found_share(removed: list[Listing], way: str, chance: random.Random) -> float:
    """The share of returns in a way that are taken for what they are."""
    first = known(removed)
    disguise = WAYS[way]
    is_titled = way in {"word spelt otherwise", "separators"}
    changed = [
        msgspec.structs.replace(
            one,
            listing_id=f"again-{one.listing_id}",
            title=disguise(one.title, chance) if is_titled else one.title,
            description=disguise(one.description, chance),
        )
        for one in removed
    ]
    again = marks_of(changed, SECRET)
    hits = sum(alike(new, old, sketch, listing) for new, (old, sketch, listing) in zip(again, first, strict=True))
    return hits / len(removed)


def known(removed: list[Listing]) -> list[tuple[Marks, tuple[int, ...], Listing]]:
    """What is kept of removed offers, and the offers."""
    return [
        (marks, sketch_of(marks.pieces), one) for one, marks in zip(removed, marks_of(removed, SECRET), strict=True)
    ]


def alike(new: Marks, old: Marks, sketch: tuple[int, ...], listing: Listing) -> bool:
    """Whether one is taken for the other, as the watch does it."""
    keys = {key for key, mark in old.keys.items() if mark is not Mark.CONTACT} | set(contact_keys(listing, SECRET))
    shared = [mark for key, mark in new.keys.items() if key in keys]
    if not (set(shared) - {Mark.PIECE} or shared.count(Mark.PIECE) >= 2):
        return False
    return is_like(set(shared), text_likeness(new.pieces, sketch), title_likeness(new.title, old.title))


def false_share(removed: list[Listing], ordinary: list[Listing]) -> tuple[int, int]:
    """How many ordinary offers are taken for one of the removed, of how many."""
    first = known(removed)
    wrong = sum(any(alike(new, old, sketch, one) for old, sketch, one in first) for new in marks_of(ordinary, SECRET))
    return wrong, len(ordinary)


def intake_rates(listings: list[Listing], removed: list[Listing], rounds: int) -> tuple[list[float], list[float]]:
    """Listings a CPU second of intake into a fresh store, without anything to watch for and with it."""
    rulebook = load()
    plain, watching = [], []
    for _ in range(rounds):
        for rates, watched in ((plain, []), (watching, removed)):
            rates.append(_intake(listings, watched, rulebook))
    return plain, watching


def _intake(listings: list[Listing], watched: list[Listing], rulebook: Rulebook) -> float:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        segment = folder / "part-0000001.jsonl"
        segment.write_bytes(b"".join(msgspec.json.encode(Fetched(listing=one)) + b"\n" for one in listings))
        with Store.open(f"sqlite:///{folder / 'delist.db'}") as store:
            with store.transaction() as tx:
                begun = tx.start_inspection(
                    source="bench", platform="bench", walker="feed", kind="full", given="", rulebook="r", at=NOW
                )
            assert begun is not None
            _watch(store, watched, rulebook, folder)
            begin = time.process_time()
            take_in(segment, store=store, rulebook=rulebook, inspection_id=begun.id, partition="part")
            return len(listings) / (time.process_time() - begin)


def _watch(store: Store, removed: list[Listing], rulebook: Rulebook, folder: Path) -> None:
    """Fingerprints of removed listings, each of a case of its own."""
    if not removed:
        return
    segment = folder / "part-0000000.jsonl"
    segment.write_bytes(b"".join(msgspec.json.encode(Fetched(listing=one)) + b"\n" for one in removed))
    take_in(segment, store=store, rulebook=rulebook, inspection_id=1, partition="first")
    with store.transaction() as tx:
        secret = tx.make_watch_secret()
        cases = [row.case for row in tx.queue(QueueFilter(), limit=len(removed)).rows]
        for number, (one, marks) in enumerate(zip(removed, marks_of(removed, secret), strict=True), start=1):
            case = cases[number % len(cases)]
            decision = tx.add_decision(_decision(case.id))
            tx.add_fingerprint(
                Fingerprint(
                    id=0, case_id=case.id, decision_id=decision.id, listing_row=case.listing_row, seller_row=None,
                    seller_key="", platform="demo", listing_id=one.listing_id, category="phone_card",
                    severity=Severity.S4, rules=(), title=tuple(marks.title), sketch=sketch_of(marks.pieces),
                    made_at=NOW, expires_at=datetime.now(UTC) + timedelta(days=700),
                ),
                marks.keys,
            )  # fmt: skip


def _decision(case_id: int) -> Decision:
    return Decision(
        id=0, case_id=case_id, version=1, ruling=Ruling.REMOVE, reason="prohibited_goods", note="", clause="",
        actor="li", role=Role.REVIEWER, at=NOW,
    )  # fmt: skip


def main() -> None:
    """Print the three tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--listings", type=int, default=4_000)
    parser.add_argument("--removed", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    chance = random.Random(11)
    removed = offers(PROHIBITED, given.removed, chance, prefix="kp")
    print(f"{given.removed} removed offers")
    for way in WAYS:
        print(f"  {way:<22} {found_share(removed[:300], way, chance):7.1%} known again")
    ordinary = make(given.listings, seed=5)
    same_shop = offers(LAWFUL, 1_000, chance, prefix="bk")
    for what, those in (("ordinary offers", ordinary[:1_500]), ("lawful offers in the same sentences", same_shop)):
        wrong, number = false_share(removed[:100], those)
        print(f"{wrong} of {number} {what} taken for one of 100 removed ({wrong / number:.3%})")
    plain, watching = intake_rates(ordinary, removed, given.rounds)
    print(
        f"intake, SQLite: {statistics.median(plain):,.0f} listings per CPU second; watching for {given.removed}: ",
        end="",
    )
    print(
        f"{statistics.median(watching):,.0f} ({statistics.median(plain) / statistics.median(watching) - 1:+.0%} time)"
    )


if __name__ == "__main__":
    main()
