"""Contact handles, in plain sight and in disguise, and what only looks like one."""

from __future__ import annotations

import pytest

from scanner.signals import Signals

FOUND = [
    # WeChat
    ("微信：abc_1988", "wechat:abc_1988"),
    ("加我微信 lucky2020x", "wechat:lucky2020x"),
    ("v信 kk778899", "wechat:kk778899"),
    ("V: zhang_66", "wechat:zhang_66"),
    ("薇❤13512340987", "wechat:13512340987"),
    ("威信号xiaoma_9", "wechat:xiaoma_9"),
    ("微 信 tom88888", "wechat:tom88888"),
    ("微-信：tom88888", "wechat:tom88888"),
    ("绿泡泡：sun_day7", "wechat:sun_day7"),
    ("vx18900001111", "wechat:18900001111"),
    ("WeChat ID: blue_sky9", "wechat:blue_sky9"),
    ("卫星号 mm520520", "wechat:mm520520"),
    ("微ⓧ：ａｂｃ＿１２３", "wechat:abc_123"),
    # QQ
    ("QQ123456789", "qq:123456789"),
    ("扣扣 2345678901", "qq:2345678901"),
    ("企鹅：②③④⑤⑥⑦⑧", "qq:2345678"),
    ("企-鹅 345678901", "qq:345678901"),
    ("扣扣壹叁捌零零壹叁", "qq:1380013"),
    ("🐧 66778899", "qq:66778899"),
    ("Q群：87654321", "qq:87654321"),
    ("87654321扣", "qq:87654321"),
    ("联系 778899123@qq.com", "mail:778899123@qq.com"),
    # Chinese mobile numbers
    ("电话13800138000", "phone:13800138000"),
    ("138 0013 8000", "phone:13800138000"),
    ("138-001-38000", "phone:13800138000"),
    ("+86 138 0013 8000", "phone:13800138000"),
    ("8613800138000", "phone:13800138000"),
    ("1 3 8 0 0 1 3 8 0 0 0", "phone:13800138000"),
    ("１３８００１３８０００", "phone:13800138000"),
    ("①③⑧⓪⓪①③⑧⓪⓪⓪", "phone:13800138000"),
    ("1️⃣3️⃣8️⃣0️⃣0️⃣1️⃣3️⃣8️⃣0️⃣0️⃣0️⃣", "phone:13800138000"),
    ("壹叁捌零零壹叁捌零零零", "phone:13800138000"),
    ("幺三八零零幺三八零零零", "phone:13800138000"),
    ("l38oo138ooo", "phone:13800138000"),
    ("13捌零零1三8零〇0", "phone:13800138000"),
    ("1*3*8*0*0*1*3*8*0*0*0", "phone:13800138000"),
    ("𝟏𝟑𝟖𝟎𝟎𝟏𝟑𝟖𝟎𝟎𝟎", "phone:13800138000"),
    ("13800\u200b138000", "phone:13800138000"),
    ("📱13800138000", "phone:13800138000"),
    # other numbers
    ("+852 9123 4567", "phone:+85291234567"),
    ("call 020 7946 0958", "phone:02079460958"),
    ("(555) 012-3456", "phone:5550123456"),
    ("联系 0755-23456789", "phone:075523456789"),
    # Telegram, WhatsApp and the others
    ("TG：@seller_77", "telegram:seller_77"),
    ("飞机 @okshop88", "telegram:okshop88"),
    ("纸飞机：rich2026", "telegram:rich2026"),
    ("Telegram @vip_codes", "telegram:vip_codes"),
    ("Te1egram: vip_codes", "telegram:vip_codes"),
    ("t.me/codes_for_all", "link:t.me/codes_for_all"),
    ("对接@Boss_2026！", "at:boss_2026"),
    ("WhatsApp +44 7700 900123", "whatsapp:447700900123"),
    ("wa.me/447700900123", "link:wa.me/447700900123"),
    ("LINE ID: pocket_77", "line:pocket_77"),
    ("Signal: crow.77", "signal:crow.77"),
    # mail
    ("mail me: deals.now@example.com", "mail:deals.now@example.com"),
    ("deals (at) example (dot) com", "mail:deals@example.com"),
    ("deals艾特example点com", "mail:deals@example.com"),
    ("deals at example dot com", "mail:deals@example.com"),
    # at the end of a sentence
    ("Training by video call, @mock_trader_4. Colours to choose", "at:mock_trader_4"),
    ("找 @mock_trader_4。颜色齐全", "at:mock_trader_4"),
    ("找 @mock_trader_4.颜色齐全", "at:mock_trader_4"),
    ("@mock_trader_4…", "at:mock_trader_4"),
    ("write to anna@mail.com. Thanks", "mail:anna@mail.com"),
    ("anna@mail.com. In stock", "mail:anna@mail.com"),
    ("anna@mail.com.", "mail:anna@mail.com"),
    ("写信 anna@mail.com。谢谢", "mail:anna@mail.com"),
    ("anna@mail.com- today", "mail:anna@mail.com"),
    ("telegram mock_trader_4. Ask", "telegram:mock_trader_4"),
    ("微信 abc12345.", "wechat:abc12345"),
    ("微信 abc12345。", "wechat:abc12345"),
    ("微信：abc12345___", "wechat:abc12345"),
    ("t.me/codes_for_all. Ask", "link:t.me/codes_for_all"),
]


@pytest.mark.parametrize(("text", "reads"), FOUND)
def test_a_handle_is_found(text: str, reads: str) -> None:
    """A handle is found whatever it is written in, and read with the disguise off."""
    found = Signals(fields=[("title", text)]).found("contact")

    assert reads in {signal.reads for signal in found}
    assert all(text[signal.start : signal.end] == signal.text for signal in found)


INNOCENT = [
    ("客服热线400-820-8820", "a service hotline is the shop's own and free to publish"),
    ("拨打10086查询余额", "the carrier's number"),
    ("有疑问请打95598", "the power company's number"),
    ("条码6901234567892", "an EAN has thirteen digits"),
    ("条码：13812345678", "a number behind 条码 is a bar code"),
    ("货号13912345678", "an article number"),
    ("订单号：15012345678", "an order's number"),
    ("型号 WX-5000B", "a model"),
    ("ViewSonic VX2458-MHD", "a monitor"),
    ("Cartier WA501012", "a watch's reference"),
    ("尺码 130/140/150/160", "sizes"),
    ("110-120-130-140-150cm", "sizes"),
    ("价格 1380 0元", "a price"),
    ("2023-12-01 到 2024-01-31", "dates"),
    ("一二三四五六七八九十", "counting"),
    ("13.8001380003", "a decimal"),
    ("138001380001", "twelve digits are no mobile number"),
    ("A13800138000B", "inside a code"),
    ("微信支付立减", "a payment method"),
    ("微信小程序开发教程", "a book about it"),
    ("微信扫码登录支持", "no handle follows"),
    ("企鹅公仔25cm", "a toy and its size"),
    ("QQ糖 500g", "sweets and their weight"),
    ("QQ飞车同款模型", "merchandise"),
    ("飞机模型1:400", "a model aeroplane"),
    ("加微弹力打底裤", "a fabric"),
    ("加V领毛衣 M码", "a neckline"),
    ("加vip享9折", "a membership"),
    ("participate in V6 engine upgrade", "an engine"),
    ("WeChat accounts for sale", "a term's business, no handle"),
    ("Telegram premium gift", "a product"),
    ("signal booster 4G", "a device"),
    ("line drawing class", "an ordinary word"),
    ("video studio x10", "a word that begins with v"),
    ("potato 20kg bag", "a vegetable"),
    ("meet at 7.30 dot matrix", "a time"),
    ("@ 5pm", "a time"),
    ("price @ $5", "a price"),
    ("email@", "half an address"),
    ("@gmail.com", "half an address"),
    ("em@il. Limits apply", "no domain, and the next sentence is none"),
    ("line: curved. Colour: red", "ordinary words, and a full stop"),
    ("save.the.date. Thanks", "no address"),
    ("土豆粉 1000克", "food"),
    ("蝙蝠侠2008手办", "a figure"),
    ("卫星电视接收 1080p", "a satellite receiver"),
    ("5号电池4节 1.5V", "a battery"),
    ("充电宝20000mAh", "a capacity"),
    ("ISBN 9787115546081", "a book's number"),
]


@pytest.mark.parametrize(("text", "why"), INNOCENT)
def test_what_is_no_handle_is_spared(text: str, why: str) -> None:
    """Model numbers, codes, prices, dates, sizes, hotlines and the messengers' names alone are no contacts."""
    assert Signals(fields=[("title", text)]).found("contact") == (), why


@pytest.mark.parametrize("stop", [".", "。", "．", "...", "…", ". ", "。 ", ".谢谢", "。谢谢", "_", "-", ")."])
@pytest.mark.parametrize(
    "handle", ["@mock_trader_4", "anna@mail.com", "微信 abc12345", "telegram: abc_1988", "t.me/abcde"]
)
def test_what_ends_a_sentence_is_no_part_of_a_handle(handle: str, stop: str) -> None:
    """The same handle reads the same with whatever stands behind it, and is marked without that."""
    (alone,) = Signals(fields=[("title", handle)]).found("contact")
    (ended,) = Signals(fields=[("title", handle + stop)]).found("contact")

    assert (ended.reads, ended.text) == (alone.reads, alone.text)


def test_a_handle_is_reported_once() -> None:
    """A number behind a messenger's name is one signal, not the name's and the number's."""
    found = Signals(fields=[("title", "微信13800138000")]).found("contact")

    assert [signal.text for signal in found] == ["微信13800138000"]


def test_fields_are_kept_apart() -> None:
    """No handle is put together from the end of one field and the beginning of the next."""
    assert Signals(fields=[("title", "微信"), ("description", "abc_123")]).found("contact") == ()
