"""Listings for measuring speed: about 550 characters each, from a vocabulary of our own, the same for each seed.

Nine in ten are ordinary goods, written as shops write (specifications, sizes, service promises, reviews). One in ten
has a line of prohibited goods, half of those disguised. One in eight is English. Nothing here measures recall.
"""

from __future__ import annotations

import random

from scanner.model import Listing, Seller


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


GOODS = _words(
    """
    收纳箱 保温杯 羽绒服 运动鞋 蓝牙耳机 电动牙刷 床品四件套 手机壳 钢化膜 数据线 移动电源
    台灯 书架 帆布包 连衣裙 牛仔裤 洗发水 面膜 茶叶礼盒 坚果 拼图 积木 婴儿车 奶瓶 猫砂
    狗粮 鱼竿 帐篷 瑜伽垫 跑步机 键盘 鼠标 显示器 路由器 打印机 墨盒 电饭煲 空气炸锅
    行车记录仪 脚垫 机油 轮胎 门锁 水龙头 吸顶灯 窗帘 地毯 油画 手表 戒指 项链 口红 香水
    剃须刀 电吹风 足球 羽毛球拍 手机卡针
    """
)
STYLES = _words(
    """
    新款 加厚 便携 大容量 简约 复古 北欧 儿童 男士 女士 学生 家用 商务 轻奢 国潮 纯棉
    不锈钢 实木 防水 静音 快充 无线 智能
    """
)
SENTENCES = (
    "采用{s}设计，{g}质量有保证，支持七天无理由退换。",
    "尺寸约{n}*{m}厘米，手工测量有误差，请以实物为准。",
    "材质：{s}面料；颜色：黑色、白色、卡其色；产地：浙江。",
    "下单后{n}小时内发货，默认中通或圆通，偏远地区补差价。",
    "老顾客回购率高，{n}人评价说{g}手感舒服，做工精细。",
    "注意事项：首次使用请清洗，避免高温暴晒，远离火源。",
    "型号{L}-{n}，功率{m}W，适用面积{n}平方米，质保一年。",
    "赠品：{g}一个，送完为止；满{m}元减{n}元，可叠加店铺券。",
    "亲测好用，物流很快，客服态度好，包装完好，五星好评！",
    "本店所有商品均为正品，支持专柜验货，开具电子发票。",
    "规格参数：净重{n}克，包装{m}件，保质期十八个月。",
    "家里老人和孩子都喜欢，朋友推荐来的，下次还会再买。",
    "如有质量问题请联系在线客服处理，我们会第一时间回复您。",
    "适合办公室、宿舍、厨房、户外露营等多种场景使用。",
)
ENGLISH = (
    "Brand new {L}{n} with {m} W motor, ships within {n} business days from our warehouse. ",
    "Soft cotton fabric, machine washable, available in black, white and navy. ",
    "Compatible with most phones and tablets; USB-C cable included. ",
    "Please check the size chart before ordering, manual measurement may differ by 2 cm. ",
    "Customers love the quality and the quick delivery, rated 4.{n} stars. ",
    "Stainless steel body, food grade silicone seal, keeps drinks hot for {n} hours. ",
)
OFFERS = (
    "移动手机卡免实名，插卡即用，{n}张起批，加薇私聊",
    "物联卡 年包{m}G 无限速 企业实名 免个人实名",
    "话费慢充八五折 七十二小时到账 要的带户号",
    "收各类礼品卡 购物卡 高价回收 秒结",
    "接码平台代收验证码 各大平台都有 一条{n}毛",
    "GOIP网关{n}口 猫池设备 带软件 包教会",
    "银行卡四件套 现货 带U盾 保三个月",
    "游戏金币 点券 九折出 走平台 {m}万起",
)
TRICKS = (
    ("卡", "咔"),
    ("机", "木几"),
    ("码", "馬"),
    ("实", " 实"),
    ("手", "手\u200b"),
    ("费", "費"),
    ("IP", "1P"),
    ("银", "銀"),
    ("四", "4"),
)


def make(count: int, *, seed: int = 1, length: int = 550) -> list[Listing]:
    """``count`` listings with a title and a description of about ``length`` characters."""
    chance = random.Random(seed)
    return [_listing(chance, number, length) for number in range(count)]


def titles(count: int, *, seed: int = 1) -> list[Listing]:
    """``count`` listings with nothing but a title of about 30 characters."""
    return [
        Listing(platform="bench", listing_id=one.listing_id, title=one.title)
        for one in make(count, seed=seed, length=30)
    ]


def _listing(chance: random.Random, number: int, length: int) -> Listing:
    sentences = ENGLISH if number % 8 == 0 else SENTENCES
    title = " ".join(f"{chance.choice(STYLES)}{chance.choice(GOODS)}" for _ in range(3)) + "包邮"
    lines = [_filled(chance, chance.choice(OFFERS), disguise=number % 20 == 5)] if number % 10 == 5 else []
    while sum(map(len, lines)) + len(title) < length - 15:
        line = "".join(_filled(chance, chance.choice(sentences)) for _ in range(chance.randint(1, 4)))
        lines.insert(chance.randint(0, len(lines)), line)
    text = "\n".join(lines)[: max(0, length - len(title))]
    seller = Seller(id=f"s{number % 997}", name=f"{chance.choice(GOODS)}小店")
    return Listing(platform="bench", listing_id=str(number), title=title, description=text, seller=seller)


def _filled(chance: random.Random, template: str, *, disguise: bool = False) -> str:
    text = template.format(
        g=chance.choice(GOODS),
        s=chance.choice(STYLES),
        n=chance.randint(2, 99),
        m=chance.randint(10, 999),
        L=chance.choice("ABKMXZ") + chance.choice("CDGTR"),
    )
    for plain, other in chance.sample(TRICKS, 3) if disguise else ():
        text = text.replace(plain, other)
    return text
