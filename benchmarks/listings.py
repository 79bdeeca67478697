"""Listings for measuring speed: about 550 characters each, from a vocabulary of our own, the same for each seed.

17 in 20 are ordinary goods of one trade: what it is, how to use it, a word from the shop and from buyers, hardly a
sentence twice. 2 in 20 are look-alikes: lawful goods whose words are also those of prohibited ones. 1 in 20 offers
prohibited goods in a line or two, half of them disguised. One in eight is English. A listing in which every sentence of
a short stock stands twice would hold words of every trade at once, as no shop writes. Nothing here measures recall.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from scanner.model import Listing, Seller


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# What is sold, by trade, and what is said of it.
TRADES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "clothes": (
        _words("连衣裙 牛仔裤 羽绒服 卫衣 衬衫 毛衣 半身裙 风衣 睡衣 运动裤"),
        (
            "{s}版型，肩线自然，{n}斤左右的姑娘穿M码刚好。",
            "里料柔软亲肤，不起静电，洗了三次没有变形。",
            "袖口收口设计，防风保暖，搭配短靴很好看。",
            "建议三十度以下水温手洗，反面晾晒，不可漂白。",
            "胸围{m}，衣长{n}，平铺测量误差一到三厘米。",
            "颜色有燕麦、雾蓝、焦糖、炭灰，显示器不同会有色差。",
            "腰部松紧带，吃饱了也不勒，久坐不易起皱。",
            "纽扣备了两颗，缝在内侧水洗标旁边。",
            "今年流行的廓形剪裁，遮肉显瘦，通勤约会都合适。",
            "克重{m}，厚度适中，春秋单穿，冬天打底。",
        ),
    ),
    "kitchen": (
        _words("炒锅 汤锅 砧板 保温杯 焖烧壶 餐具套装 空气炸锅 电饭煲 刀架 密封罐"),
        (
            "锅底三层复合，受热均匀，煎蛋不粘，少油少烟。",
            "容量{n}升，够一家四口用，内胆可拆下来冲洗。",
            "首次使用前请加水煮沸{n}分钟，再用软布擦干。",
            "把手隔热，端起来不烫，盖子上有透气孔。",
            "电磁炉、燃气灶、电陶炉通用，不可进微波炉。",
            "预约定时最长{n}小时，晚上放米早上喝粥。",
            "食品级硅胶密封圈，倒过来也不漏，装汤放心。",
            "净重{n}斤，单手能拿，手腕不酸。",
            "不要用钢丝球擦洗，残渣用温水泡一泡就掉。",
            "功率{m}瓦，线长一米二，插头是三脚的。",
        ),
    ),
    "home": (
        _words("窗帘 地毯 抱枕 床品四件套 收纳箱 吸顶灯 书架 鞋柜 挂钟 浴室置物架"),
        (
            "免打孔安装，附带螺丝和说明书，{n}分钟装好。",
            "承重{n}公斤，层板可以上下调节，放大开本的书也行。",
            "遮光率九成以上，午睡不受打扰，垂感好。",
            "实木多层板，封边严密，闻不到刺鼻的味道。",
            "尺寸{n}乘{m}厘米，量好再拍，定做的不退。",
            "三档调光，老人起夜不刺眼，灯珠寿命长。",
            "底部防滑颗粒，猫踩上去也不跑位。",
            "折叠起来只有一掌厚，不用的时候塞床底。",
            "机洗不掉毛，晒干后蓬松如初。",
            "北欧简约的颜色，和木地板很搭。",
        ),
    ),
    "gadgets": (
        _words("蓝牙耳机 机械键盘 移动电源 数据线 显示器 鼠标 行车记录仪 智能手环 投影仪 音箱"),
        (
            "续航{n}小时，充电盒还能再充四次，指示灯显示余量。",
            "轴体手感清脆，按键寿命五千万次，支持热插拔。",
            "分辨率高，广色域，出厂校色，附检测报告。",
            "接口有两个C口一个A口，最大{m}瓦，边充边用不发烫。",
            "夜间拍摄清晰，循环录像，停车也能守护。",
            "低音浑厚，人声清楚，放客厅音量开三成就够。",
            "固件可以在官网升级，掉线时长按十秒重置。",
            "三年质保，只换不修，发票随货寄出。",
            "防水等级IPX{n}，跑步出汗、淋雨都没事。",
            "型号{L}-{n}，适配主流系统，无须另装驱动。",
        ),
    ),
    "children": (
        _words("积木 拼图 绘本 婴儿车 奶瓶 滑板车 毛绒玩偶 沙滩玩具 儿童书包 爬行垫"),
        (
            "边角打磨圆润，颜料是水性的，宝宝啃咬也放心。",
            "适合{n}个月以上，锻炼手眼协调和专注力。",
            "共{m}颗颗粒，附图纸，能拼出城堡、消防车和恐龙。",
            "避震轮胎，过减速带不颠，一键收车能上飞机。",
            "故事温柔有趣，字大图多，睡前读一篇正好。",
            "防胀气设计，流速慢，新生儿喝着不呛。",
            "背负系统分散重量，反光条让夜里更安全。",
            "厚度{n}毫米，摔跤不疼，擦一擦就干净。",
            "生日、满月、六一送人体面，有礼袋。",
            "里面填充的是羽丝棉，捏着很有弹性。",
        ),
    ),
    "care": (
        _words("面膜 洗发水 口红 香水 防晒霜 电动牙刷 剃须刀 身体乳 卸妆油 护手霜"),
        (
            "质地轻薄，推开成膜快，后续上妆不搓泥。",
            "前调柑橘，中调茉莉，尾调是干净的木质香。",
            "敏感肌先在耳后试用，有不适请停用。",
            "净含量{m}毫升，开封后{n}个月内用完。",
            "刷毛细软，两分钟自动停，四个区换边提醒。",
            "显白不拔干，涂一层淡淡的，两层就很有气色。",
            "泡沫绵密，洗完头皮清爽，第二天不塌。",
            "刀头可水洗，干湿两用，半个月充一次。",
            "生产批次见瓶底，中文标签齐全。",
            "避开眼周，夜间取黄豆大小按摩至吸收。",
        ),
    ),
    "outdoor": (
        _words("帐篷 鱼竿 跑步鞋 瑜伽垫 登山包 羽毛球拍 骑行头盔 露营灯 睡袋 折叠椅"),
        (
            "两个人十分钟搭好，双层透气，雨天不滴水。",
            "竿身{n}节，调性偏硬，轻量，手感灵敏。",
            "中底回弹好，跑十公里脚底不累，鞋面排汗。",
            "背负{n}升，有雨罩，水袋仓独立。",
            "穿线磅数{n}到{m}，附手胶一条，拍套一个。",
            "铝合金管材，坐着稳，承受两百斤没问题。",
            "温标零下{n}度，压缩后和西瓜差不多大。",
            "纹理防滑，出汗也抓地，带绑带方便提。",
            "通过强制认证，重量{m}克，后旋钮调节松紧。",
            "骑行、徒步、钓鱼、公园野餐都用得上。",
        ),
    ),
    "food": (
        _words("茶叶礼盒 坚果 蜂蜜 挂面 腊肠 咖啡豆 红枣 辣酱 橄榄油 手工饼干"),
        (
            "今年头采，条索紧结，汤色清亮，回甘明显。",
            "小包装每袋{n}克，独立锁鲜，随身带着吃。",
            "产自海拔{m}米的山里，无添加，结晶是正常现象。",
            "中深烘，坚果和可可的味道，做拿铁很香。",
            "保质期{n}个月，阴凉干燥处存放，开袋后冷藏。",
            "配料表干净：小麦粉、水、食用盐。",
            "微辣，拌饭拌面都行，不吃辣的慎拍。",
            "切薄片和蒜苗一起炒，油亮亮的，下饭。",
            "到货先尝两颗，不喜欢剩下的退回来。",
            "孕妇和糖尿病人请遵医嘱。",
        ),
    ),
}
STYLES = _words("新款 加厚 便携 大容量 简约 复古 北欧 儿童 男士 女士 家用 轻奢 国潮 纯棉 实木 防水 静音 无线")
SHOP = (
    "周一到周六下午四点前的订单当天发，周日休息。",
    "默认中通或圆通，新疆西藏请先问运费。",
    "七天无理由退换，吊牌完好，不影响二次销售。",
    "签收前请开箱看看，破损拍照，我们补一份。",
    "有疑问找在线客服，人工时间早九点到晚十点。",
    "满{m}减{n}，和店铺券可以叠加，活动到月底。",
    "需要开票的请备注抬头，电子票发邮箱。",
    "收藏本店，上新有提醒，会员折上九五。",
    "图片实拍，光线原因略有偏差，介意者慎拍。",
    "工厂直营，支持定制标志，起订量见详情。",
)
BUYERS = (
    "比想象的大，颜色正，会推荐给同事。",
    "第二次买了，给爸妈也带了一份。",
    "快递有点慢，东西没得挑。",
    "包装结实，里三层外三层。",
    "做工一般，但是这个价也值了。",
    "孩子抱着不撒手，好评。",
    "声音小，半夜用也不吵人。",
    "用了半个月来评价，没毛病。",
)
# Lawful goods with telling words.
ALIKE = (
    "取卡针通用款，适用各品牌手机的SIM卡托，{n}枚一包",
    "手机卡槽防尘塞，硅胶，送取卡针",
    "卡包证件套，放银行卡身份证公交卡，防消磁",
    "礼品卡片信封，生日贺卡，空白可手写，{n}张装",
    "无线路由器，双频，四天线，支持物联网设备接入，质保两年",
    "游戏手柄，适配主机和电脑，振动反馈，买家秀截图返现{n}元",
    "老式电话磁卡收藏，{n}张一套，无使用价值，仅供收藏",
    "短信提醒门铃，来客验证，二维码贴纸一张",
    "充值式手电筒，一次充满亮{n}小时，应急灯",
    "账本记账本，流水明细，家庭理财，{m}页加厚",
)
ENGLISH = (
    "Brand new {L}{n} with a {m} W motor, shipped from our warehouse in two days. ",
    "Soft cotton, machine washable, available in black, white and navy. ",
    "Fits most tablets; a charging lead is in the box. ",
    "Please look at the size chart, sizes run small by two centimetres. ",
    "Buyers like the finish and the quiet fan, rated 4.{n} of five. ",
    "Stainless body with a silicone seal, keeps tea hot for {n} hours. ",
    "The lid locks with a click and stays shut in a full bag. ",
    "Two year warranty; keep the receipt and the original box. ",
    "Folds flat, weighs {m} grams, and hangs on any hook. ",
    "Hand glazed, so every bowl differs a little in colour. ",
    "Assembly takes ten minutes with the key that is included. ",
    "Not suitable for children under {n} months because of small parts. ",
    "The strap adjusts from {n} to {m} centimetres. ",
    "Made from reclaimed oak, finished with linseed oil. ",
    "Replacement filters are sold separately in packs of {n}. ",
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
    goods, said = chance.choice(list(TRADES.values()))
    title = " ".join(f"{chance.choice(STYLES)}{chance.choice(goods)}" for _ in range(3)) + "包邮"
    lines = []
    if number % 20 == 5:
        lines = [_filled(chance, chance.choice(OFFERS), disguise=number % 40 == 5)]
    elif number % 10 == 6:
        lines = [_filled(chance, chance.choice(ALIKE))]
        title = lines[0][:24]
    for sentence in _sentences(chance, said, is_english=number % 8 == 0):
        if sum(map(len, lines)) + len(title) >= length - 15:
            break
        lines.insert(chance.randint(0, len(lines)), _filled(chance, sentence))
    text = "\n".join(lines)[: max(0, length - len(title))]
    seller = Seller(id=f"s{number % 997}", name=f"{chance.choice(goods)}小店")
    return Listing(platform="bench", listing_id=str(number), title=title, description=text, seller=seller)


def _sentences(chance: random.Random, said: tuple[str, ...], *, is_english: bool) -> Iterator[str]:
    """What is said of the goods, then the shop, then buyers, in rounds until the listing is full; no sentence twice
    before all of its kind have stood."""
    while True:
        for stock, most in ((ENGLISH, 12),) if is_english else ((said, 9), (SHOP, 6), (BUYERS, 5)):
            yield from chance.sample(stock, most)


def _filled(chance: random.Random, template: str, *, disguise: bool = False) -> str:
    text = template.format(
        s=chance.choice(STYLES),
        n=chance.randint(2, 99),
        m=chance.randint(10, 999),
        L=chance.choice("ABKMXZ") + chance.choice("CDGTR"),
    )
    for plain, other in chance.sample(TRICKS, 3) if disguise else ():
        text = text.replace(plain, other)
    return text
