"""Licences are read by what they are for, in whatever words a platform writes them."""

from __future__ import annotations

import pytest

from scanner.rulebook.licences import is_licensed

ANSWERS = [
    ("telecom_agent", "telecom_agent"),
    ("Telecom_Agent", "telecom_agent"),
    ("增值电信业务经营许可证", "telecom_vas"),
    ("增值電信業務經營許可證", "telecom_vas"),
    ("MVNO licence", "telecom_agent"),
    ("virtual-network-operator-permit", "telecom_agent"),
    ("Ofcom notified provider", "travel_sim_agent"),
    ("物联网卡销售授权", "iot_card_operator"),
    ("单用途预付卡备案", "prepaid_card_issuer"),
    ("支付业务许可证", "payment_institution"),
    ("authorised gift card reseller", "prepaid_card_issuer"),
    ("网络游戏版号", "game_publisher"),
    ("人力资源服务许可证", "hr_service_licence"),
    ("authorised reseller", "any"),
    ("CPA practising certificate, licensed", "any"),
    ("旧货业特许经营", "any"),
    ("發行人", "any"),
    ("đại lý ủy quyền", "any"),
    ("营业执照,增值电信业务经营许可证", "any"),
]
DOES_NOT = [
    ("business_licence", "any"),
    ("营业执照", "any"),
    ("營業執照", "any"),
    ("company registration", "any"),
    ("VAT", "any"),
    ("ICP备案", "any"),
    ("食品经营许可证", "any"),
    ("food hygiene permit", "any"),
    ("cac_registered", "any"),
    ("registered agent", "any"),
    ("呼叫中心业务许可证(复印件)", "telecom_vas"),
    ("telecom permit, expired", "any"),
    ("", "any"),
    ("人力资源服务许可证", "telecom_agent"),
    ("支付业务许可证", "game_publisher"),
    ("authorised reseller", "bank"),
    ("telecom_agent", "made_up_licence"),
]


@pytest.mark.parametrize(("held", "named"), ANSWERS)
def test_a_licence_answers_to_its_business(held: str, named: str) -> None:
    """The name itself, or words of that business in any wording, language and script."""
    assert is_licensed([held], [named])


@pytest.mark.parametrize(("held", "named"), DOES_NOT)
def test_a_licence_does_not_answer_to_another_business(held: str, named: str) -> None:
    """What every company has, and permits of trades that no rule is about, vouch for nothing."""
    assert not is_licensed([held], [named])
