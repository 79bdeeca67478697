"""Brands that phishing pages imitate, the domains that are their own, and hosts that forward to anywhere.

Facts, kept apart from the code that uses them. A brand's name of six letters or more counts anywhere in a label of a
host, a shorter one only as a whole part of it ("apple" is in app1e-id.com, and not in pineapple.com).
"""

from __future__ import annotations

BRANDS: dict[str, tuple[str, ...]] = {
    name: tuple(domains.split())
    for name, domains in {
        "taobao": "taobao.com taobao.org taobao.net taobaocdn.com",
        "alipay": "alipay.com alipayobjects.com alipay.hk alipayplus.com",
        "tmall": "tmall.com tmall.hk",
        "alibaba": "alibaba.com alibaba-inc.com alibabagroup.com",
        "aliyun": "aliyun.com aliyuncs.com",
        "weixin": "weixin.com weixin.qq.com",
        "wechat": "wechat.com",
        "tencent": "tencent.com tencentcloud.com tencent-cloud.com",
        "douyin": "douyin.com",
        "xiaohongshu": "xiaohongshu.com",
        "pinduoduo": "pinduoduo.com",
        "jingdong": "jingdong.com",
        "meituan": "meituan.com",
        "unionpay": "unionpay.com unionpayintl.com",
        "icbc": "icbc.com.cn",
        "paypal": "paypal.com paypal.me paypalobjects.com",
        "apple": "apple.com apple.com.cn apple.news",
        "icloud": "icloud.com icloud.com.cn",
        "google": (
            "google.com google.cn google.com.hk google.co.uk google.co.jp google.de "
            "googleapis.com googleusercontent.com googlevideo.com"
        ),
        "amazon": (
            "amazon.com amazon.cn amazon.co.uk amazon.co.jp amazon.de amazonaws.com "
            "amazon.fr ssl-images-amazon.com media-amazon.com"
        ),
        "microsoft": "microsoft.com microsoftonline.com",
        "telegram": "telegram.org telegram.me telegram.dog",
        "whatsapp": "whatsapp.com whatsapp.net",
        "steamcommunity": "steamcommunity.com",
        "steampowered": "steampowered.com",
        "netflix": "netflix.com",
        "facebook": "facebook.com",
        "instagram": "instagram.com",
        "binance": "binance.com binance.us",
        "coinbase": "coinbase.com",
        "metamask": "metamask.io",
        "walmart": "walmart.com walmart.ca",
        "chase": "chase.com",
        "wellsfargo": "wellsfargo.com",
        "santander": "santander.com santander.co.uk",
        "hsbc": "hsbc.com hsbc.com.hk",
        "royalmail": "royalmail.com",
        "usps": "usps.com",
        "fedex": "fedex.com",
        "dhl": "dhl.com dhl.de",
        "roblox": "roblox.com",
        "discord": "discord.com discord.gg discordapp.com",
    }.items()
}

# A platform's own short links (m.tb.cn, 3.cn) lead back to it and are none.
SHORTENERS = frozenset(
    (
        "0x3.me", "1url.cz", "6du.in", "6ll.cc", "985.so", "adf.ly", "bio.link",
        "bit.ly", "bitly.com", "bl.ink", "buff.ly", "clck.ru", "cutt.ly", "dlvr.it",
        "dwz.cn", "dwz.date", "dwz.mk", "gg.gg", "goo.gl", "goo.su", "han.gl",
        "is.gd", "lihi.cc", "lihi1.com", "linktr.ee", "lnk.bio", "lnkd.in", "lurl.cc",
        "mrw.so", "ow.ly", "ppt.cc", "pse.is", "psee.io", "qrco.de", "rb.gy",
        "rebrand.ly", "reurl.cc", "s.id", "shorten.asia", "shorturl.at", "sohu.gg", "soo.gd",
        "suo.im", "suo.nz", "t.cn", "t.co", "t.ly", "tiny.cc", "tinyurl.com",
        "u.nu", "url.cn", "url.kr", "urlc.cn", "urlshare.cn", "v.gd", "vk.cc",
        "vo.la", "w.url.cn",
    )
)  # fmt: skip
