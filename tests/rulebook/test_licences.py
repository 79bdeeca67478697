"""Licences are read by what they are for, in whatever words a platform writes them."""

from __future__ import annotations

import pytest

from scanner.rulebook.licences import is_licensed

ANSWERS = [
    ("telecom_agent", "telecom_agent"),
    ("Telecom_Agent", "telecom_agent"),
    ("City permit", "city_permit"),
    ("翻译资质", "translation_qualified"),
    ("лицензия", "any"),
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
    ("3C认证证书", "any"),
    ("高新技术企业", "any"),
    ("ISO 9001 certificate", "any"),
    ("呼叫中心业务许可证(复印件)", "telecom_vas"),
    ("telecom permit, expired", "any"),
    ("", "any"),
    ("人力资源服务许可证", "telecom_agent"),
    ("支付业务许可证", "game_publisher"),
    ("authorised reseller", "bank"),
    ("telecom_agent", "made_up_licence"),
]
DENIED = [
    *("unlicensed", "no licence", "no_licence", "not authorised", "unauthorised reseller", "Un-authorised reseller"),
    *("unofficial", "non-official dealer", "unregulated", "unverified telecom permit", "Not a carrier", "nonlicensed"),
    *("telecom licence (revoked)", "telecom_agent_revoked", "telecom permit - suspended", "telecom licence: cancelled"),
    *("MVNO licence withdrawn", "telecom licence, invalid", "void telecom permit", "telecom licence lapsed"),
    *("telecom licence denied", "telecom licence: none", "telecom licence: no", "telecom_agent=false", "telecom: n/a"),
    *("isn’t an authorised telecom agent", "never licensed as a carrier", "without telecom licence", "former MVNO"),
    *("sin licencia de telecom", "telecom: khong co giay phep", "telecom tidak resmi", "não autorizado, telecom"),
    *("nolicence", "notauthorised telecom agent", "telecom_licence: 0", "电信授权:否", "取消电信授权", "假许可证"),
    *("без лицензии", "не лицензирован", "лицензия отозвана", "лицензия аннулирована"),
    *(
        "未授权",
        "未授權",
        "无许可证",
        "無許可證",
        "非官方",
        "非授权代理",
        "非法电信经营",
        "没有电信许可",
        "暂无电信授权",
    ),
    *("增值电信业务经营许可证(已吊销)", "增值电信业务经营许可证已注销", "電信業務許可證 已撤銷", "电信业务许可证失效"),
    *(
        "电信业务许可证无效",
        "未取得电信业务经营许可",
        "未持有增值电信业务经营许可证",
        "不具备电信代理资质",
        "不是运营商代理",
    ),
    *(
        "电信代理授权已取消",
        "电信业务许可证暂停使用",
        "电信代理:无",
        "无电信代理授权",
        "伪造的电信许可证",
        "电信许可证不予续期",
    ),
]
# What begins with, holds or states the opposite of a word that denies.
STANDS = [
    *(
        "无线电发射设备型号核准证",
        "無線電台執照",
        "无线通信设备经销授权",
        "无锡市通信代理授权书",
        "无人机通信入网许可证",
    ),
    *("增值电信业务经营许可证(业务种类不限)", "增值电信业务经营许可证(不含互联网信息服务)", "电信业务许可证(不得转让)"),
    *(
        "电信业务经营许可证(全国,不受地域限制)",
        "不动产公司电信代理许可",
        "电信代理授权(长期,无期限限制:无限)",
        "北京未来通信授权代理",
    ),
    *(
        "未成年人守护手机卡授权代理",
        "非经营性电信业务备案",
        "非银行机构通信代理许可",
        "电信许可证(未过期)",
        "电信许可证 状态:未注销",
    ),
    *(
        "telecom licence No. 12345",
        "Telecom licence no: B1-2020",
        "Ofcom notification no 77/2024",
        "№ 12 telecom permit",
    ),
    *(
        "unified licence (VNO), telecom",
        "unlimited data plans, authorised telecom agent",
        "telecom no objection certificate",
    ),
    *("non-exclusive telecom dealer", "non-dominant carrier registration", "not-for-profit telecom operator licence"),
    *("telecom licence, not revoked", "telecom licence (never suspended)", "telecom permit, not transferable"),
    *(
        "call termination licence, telecom",
        "Notified carrier, formerly known as Oftel",
        "Nokia network operator licence",
    ),
]
HELD_BY_OTHERS = [
    ("非银行支付机构许可", "payment_institution"),
    ("非金融机构支付业务许可证", "payment_institution"),
    ("不记名预付卡发行备案", "prepaid_card_issuer"),
    ("non-bank payment institution", "payment_institution"),
    ("公司注销代理记账许可", "accounting_firm"),
    ("无船承运业务经营许可", "any"),
    ("不良资产处置特许", "any"),
]


@pytest.mark.parametrize("held", DENIED)
def test_what_is_denied_or_over_is_no_licence(held: str) -> None:
    """Of its own business as little as of any."""
    assert not is_licensed([held], ["telecom_agent", "any"])


@pytest.mark.parametrize(
    ("held", "named"), [*HELD_BY_OTHERS, *((held, name) for held in STANDS for name in ("telecom_agent", "any"))]
)
def test_words_that_only_look_like_a_denial_deny_nothing(held: str, named: str) -> None:
    """Radio is not 'no', a non-bank may pay, and a number is no refusal."""
    assert is_licensed([held], [named])


@pytest.mark.parametrize(("held", "named"), ANSWERS)
def test_a_licence_answers_to_its_business(held: str, named: str) -> None:
    """The name itself, or words of that business in any wording, language and script."""
    assert is_licensed([held], [named])


@pytest.mark.parametrize(("held", "named"), DOES_NOT)
def test_a_licence_does_not_answer_to_another_business(held: str, named: str) -> None:
    """What every company has, and permits of trades that no rule is about, vouch for nothing."""
    assert not is_licensed([held], [named])
