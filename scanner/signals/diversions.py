"""Phrases that lead a buyer away from what the listing says: to a chat elsewhere, a profile, a picture.

``diversion`` is about leaving the listing (加V, 看主页, DM me, prices and contacts that stand only in a picture).
``see_picture`` is any pointing at a picture for what a listing should say; ordinary sellers do it too (尺码见图), so it
only counts together with something else.
"""

from __future__ import annotations

from collections.abc import Iterator

from scanner.signals.patterns import ALNUM, Form, Pattern
from scanner.signals.reading import Reading
from scanner.signals.record import Signal

_NUMBERED = r"第?[一二三四五六七八九\d]张?"
_MESSENGER = r"(?:微信|vx|wx|v信|纸?飞机|电报|tg|telegram|whats ?app|扣扣|企鹅|qq|wechat)"

# 加V, 加微, 薇❤同号: what stands around them decides (参加, 增加; 加V领, 加微弹, 加vip).
_ADD = (
    Form(r"[加+][v薇❤心](?:信|❤|心)?", "参增添更施附叠" + ALNUM, ALNUM + "领绒厚形愿想情"),
    Form(r"加我?[微威徽](?:信|芯|❤|心|了)?", "参增添更施附叠", "弹量厚波辣甜调压力化距博士猛克胁胖喇小笑酸风热香"),
    Form(r"加我? ?(?:q(?:q|群)?|v|wechat)|[+加](?:卫星|企鹅|扣扣|飞机|绿泡泡)", "参增添更施附叠", ALNUM + "币领"),
    r"[v微薇威][信心❤�]?(?:同号|同步)",
    rf"加(?:我|客服|企业|老师|店主|人事|管理){{1,2}}的?{_MESSENGER}|{_MESSENGER}上?(?:聊|谈|细说|详谈|联系我)",
    r"(?:加|留|换)个?(?:联系方式|[微威薇维]信)|留个?(?:号|v)我加",
    rf"(?:私|请|走|找|敲|滴|换|转|联系|联络)我?的?{_MESSENGER}(?:聊|谈|联系|说|号|上)?",
)
_PROFILE = (
    r"(?:看|见|进|点|戳|瞧|在)(?:我的?|店铺|本人|下)?(?:主页|头像|签名|简介|昵称|背景图|空间|动态|店名|店招)",
    r"(?:主页|头像|签名|简介|空间)(?:里?有|见|看|留)(?:联系|方式|微|号|v|群|q)",
)
_CHAT = (
    r"(?:加|进|入|拉)(?:我们?的?|官方|交流|微信?|q|qq)?群(?:领|聊|看|拿|报|接|谈|学|后|有)",
    Form(r"(?:加|进|入|拉)群", after="众体岛组山芳主星落居雄"),
    r"私(?:聊|信|我|戳|发我|敲|窗|讯|密我)|密我|滴滴我|滴我|敲我|戳我|dd我|联系我拿|小窗|来撩",
    r"私下(?:聊|谈|交易|联系)|线下(?:交易|聊|谈)|站外|平台外",
    r"(?:需要|想要|有意|要)的?(?:老板|朋友|兄弟|家人们?|可以|请)?(?:联系|私|找我|滴滴|加我|撩)",
    r"换个?(?:地方|平台|软件|app)(?:聊|谈|说)|另外?(?:聊|谈|说)|其余聊",
    r"(?:平台|这里|此处|文字|站内|这边)(?:上)?(?:不方便|不能|没法|不让|不好|发不出来?)(?:说|发|聊|写|讲|多说)?",
    r"懂的?(?:来|都懂|私|联系|进|加|得来)|懂行的?(?:来|私|联系)|带价(?:来|私)|非诚勿扰|诚心(?:来|加|私)",
    (
        r"(?:价格|价钱|多少钱|费率|方式|内容|详情|具体|流程|项目|要求|细节|报价)"
        r"(?:请|可|要|都|全部?)?(?:私|密|面议|面谈|另议|小窗|联系|加)"
    ),
    r"(?:勿|别|不要|请勿|先别)(?:直接|直)(?:拍|下单)|拍前(?:先|请|必)?(?:联系|私|咨询|问|聊)",
    r"先(?:聊|问|联系|私聊)(?:再|后)(?:拍|下单)|问(?:好)?了?再拍",
    Form(r"拍了?不发(?:货)?", "单独"),
)
_IN_PICTURE = (
    r"图(?:片?[上里中]|[一二三四五六七八九\d])(?:里|中|上)?(?:都)?有(?:联系|方式|微|号|群|二维码|价|码|说明|详情)?",
    (
        r"(?:价目?|价格|费率|方式|内容|联系|群号?|流程|归属|要求|详情|项目|面额|怎么(?:买|拿|联系)|号码?)"
        rf"(?:表|单)?(?:都|全|请|也)?(?:看|见|在)(?:主|首|下|的|{_NUMBERED})?图"
    ),
    rf"(?:主|首|{_NUMBERED})图(?:即|就是|有|为|写)(?:了)?(?:价|群|联系|方式|流程|说明)",
    rf"(?:都|全|均)在(?:主|首|{_NUMBERED}|下)?图|(?:看|扫)主图(?:的)?(?:二维)?码",
    r"图[一二三四五六\d](?:价目?|流程|有群|方式|联系)|(?:看|按|照)图(?:加|联系|扫|进|找)",
    r"扫(?:图|描?图(?:上|中|里)|一?下?图|二维码(?:加|进|联系)|码(?:加|进群|联系))",
    r"(?:左|右)(?:下|上)角(?:看|加|扫|有?联系|的?那个|有?号|有?群|有?码)",
)
_APP = r"(?:telegram|whatsapp|signal|wechat|tg|wickr|discord|t g|session)"
_PHOTO = r"(?:pics?|pictures?|photos?|images?)"
_EN = (
    r"\b(?:dm|pm|msg|inbox|hmu|hit me up|ping)(?: to)? (?:me|us|for|on|via|at|4)\b",
    r"\b(?:message|text|contact|reach|write|add|ask)(?: to)? (?:me|us)\b",
    rf"\b{_APP} (?:only|for (?:list|prices?|details|more|info|stock|rates|contact)|me|preferred)\b",
    rf"\b(?:on|via|to|through|over|by|use|using) {_APP}\b",
    r"\b(?:see|check|look at|read|view)(?: (?:my|the|our|in|at))? (?:profile|bio|signature|avatar|banner)\b",
    (
        r"\b(?:contact|details?|info|prices?|handle|number|rates?|menu|list|everything)(?: (?:is|are|all))? (?:in|on)"
        rf"(?: the| my)? (?:\w{{1,8}} )?(?:{_PHOTO}|profile|bio)\b"
    ),
    (
        r"\b(?:link|number|handle|contact|qr)(?: is)? (?:in|on) (?:the |my )?"
        rf"(?:first|second|third|last|\d(?:st|nd|rd)) {_PHOTO}\b"
    ),
    r"\boff[ -](?:platform|site|app)\b|\boutside (?:the |this )?(?:platform|site|app)\b|\bprivate message\b",
    r"\bdon'?t (?:msg|message|ask|chat)(?: me)? here\b|\bask (?:me )?(?:privately|in private)\b",
)
_DIVERSION = Pattern(*_ADD, *_PROFILE, *_CHAT, *_IN_PICTURE, *_EN)

_PICTURE = Pattern(
    rf"(?:看|见|如|按|照|参考|详见|参见|以)(?:主|首|附|下|上|{_NUMBERED})?图(?:片|上|里|中|示|为准|吧|说话|[一二三四五六七八九\d])?",
    Form(r"在图[里上中片]|图[一二三四五六七八九]", "地版拼构制绘草企意试"),
    rf"图(?:片|上|里|中)(?:都|全)?(?:有|写|是)|{_NUMBERED}图|图[一二三四五六七八九\d](?:左|右|上|下|角|有|价|那)",
    r"(?:左|右)(?:下|上)角",
    rf"\b(?:see|check|read|look at|refer to|as in|as per)(?: (?:the|my|all|in|at|our))* (?:\w{{1,8}} )?{_PHOTO}\b",
    rf"\b(?:in|on) (?:the )?(?:first|second|third|fourth|last|\d(?:st|nd|rd|th)) {_PHOTO}\b|\bin the {_PHOTO}\b",
    needs=("图", "角", "pic", "photo", "image"),
)


# Characters spaced out one by one: 私 聊, 加.微.信. A longer word beside a space is none of them.
_SINGLE, _OTHER = r"[\x{3400}-\x{9fff}a-z]", r"[^\x{3400}-\x{9fff}a-z0-9]"
_SPACED = Pattern(Form(rf"(?:^|{_OTHER}){_SINGLE}(?:[ .\-_*·~|/^]{{1,3}}{_SINGLE})+(?:{_OTHER}|$)"))
_MOST_SPACED = 20
# Where none of them matches nothing leads away.
PATTERNS = (_DIVERSION, _SPACED)


def diversions(reading: Reading) -> tuple[Signal, ...]:
    """Where the listing leads away from itself; phrases spaced out character by character too."""
    plain = reading.signals("diversion", _DIVERSION)
    known = {(signal.field, signal.start) for signal in plain}
    return (*plain, *(signal for signal in _spaced(reading) if (signal.field, signal.start) not in known))


def _spaced(reading: Reading) -> Iterator[Signal]:
    """Phrases in runs of single characters, read without what stands between them."""
    for run in reading.matches(_SPACED, most=_MOST_SPACED):
        places = [at for at in range(run.start, run.end) if _is_of_phrase(reading.text[at])]
        together = "".join(reading.text[at] for at in places)
        for match in _DIVERSION.matches(together, together.encode(), _MOST_SPACED):
            first, last = places[match.start], places[match.end - 1] + 1
            yield reading.signal("diversion", first, last, reads=together[match.start : match.end])


def _is_of_phrase(mark: str) -> bool:
    return "\u3400" <= mark <= "\u9fff" or (mark.isascii() and mark.isalnum())


def pictures(reading: Reading) -> tuple[Signal, ...]:
    """Where the listing points at a picture."""
    return reading.signals("see_picture", _PICTURE)
