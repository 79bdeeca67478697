"""What a seller says about the listing itself: cover claims, and words meant for who inspects it.

A cover claim (仅供测试, 非接码, for educational purposes) is neutral: it is shown, it neither raises nor exculpates.
Text addressed to a reviewer or an AI is data like all other text, and a reason to look more closely.
"""

from __future__ import annotations

from scanner.signals.patterns import Pattern
from scanner.signals.reading import Reading
from scanner.signals.record import Signal

_COVER = Pattern(
    r"(?:仅供|只供|仅作|仅做|仅限|只用于|仅用于|用于)(?:个人|合法|自己)?(?:的?)"
    r"(?:测试|学习|研究|收藏|娱乐|交流|教学|科研|技术交流|开发)(?:使用|用途|之用|交流|研究)?",
    r"(?:禁止|严禁|请勿|不得|不可|勿|别|不要)(?:拿去?|将其|把它)?(?:用于|用作|用来|从事|做|干|进行)?(?:任何)?"
    r"(?:违法|非法|违规|诈骗|犯罪|坏事)(?:活动|用途|犯罪|行为|事情?|乱纪)?",
    r"(?:合法|正当|正规)(?:用途|渠道|来源|经营|使用|途径|货源)|正经(?:生意|营业部|渠道)",
    r"(?:非|不是|不做|不支持|不提供|不涉及|拒绝|不接)"
    r"(?:接码|诈骗|黑产|黑卡|盗号|洗钱|违法|灰产|电诈|套现|跑分|电信诈骗)",
    r"(?:自用|个人)闲置|朋友送的|年会(?:抽的?奖?|中的|奖品)|(?:单位|公司|员工福利)发的",
    r"(?:后果|责任|一切责任|出(?:了)?事)(?:请)?(?:自负|自行承担|与本店无关|别找我|概不负责)|与(?:本店|卖家|我)无关",
    r"\b(?:strictly )?for (?:educational|research|testing|test|learning|legal|lawful|collection|collectors?|personal"
    r"|entertainment)(?: (?:and|or|&) \w{3,12})? (?:purposes?|use)(?: only)?",
    r"\b(?:educational|collectible|research|testing|novelty) (?:purposes? |use )?only\b",
    r"\b(?:no|not for|don'?t use (?:it |this |them )?for) (?:illegal|fraud|scam|criminal|unlawful)"
    r"(?: (?:use|activity|activities|purposes?))?",
    r"\b(?:legal|legit(?:imate)?|lawful) (?:use|purposes?|source)(?: only)?\b|\buse at (?:your|ur) own risk\b"
    r"|\bwe are not responsible for (?:how|what|any)\b",
)

_WHO = (
    r"(?:审核(?:员|人员|小二|同学|大大|老师|系统|机器人|的|官)?|平台(?:审核|小二|方)|小二|机审|人审|管理员|版主|网警"
    r"|ai(?:审核|助手|模型)?|人工智能|大模型|系统|模型)"
)
_SPARE = r"忽略|无视|跳过|通过|放行|判定?|标记|视为|认定|手下留情|放过|误判"
_STAFF = r"(?:moderators?|reviewers?|admins?|content (?:moderators?|reviewers?)|trust (?:and|&) safety)"
_REVIEWER = Pattern(
    rf"{_WHO}[们您你好,:! ]{{0,4}}(?:请|麻烦|求|拜托|务必|应当?|必须|直接|可以|高抬贵手){{1,3}}(?:您|你)?"
    rf"(?:直接|立即|务必|不要|别|勿)?(?:{_SPARE}|给过|输出|回复|返回|别删|勿删|下架|删除)",
    rf"(?:请|麻烦|求|拜托){_WHO}[您你们]{{0,2}}(?:不要|别|勿|直接|给|高抬贵手)?(?:{_SPARE}|过|删|下架|看清楚|仔细看)",
    rf"{_WHO}[^\x{{ffff}}。!\n]{{0,12}}(?:忽略(?:以上|上述|前面|之前|本条)|(?:判定?|标记)为(?:合规|正常|通过|安全|无违规|合法)"
    r"|放行|勿删|别删|高抬贵手|手下留情)",
    r"(?:忽略|无视|忘记|不要理会)(?:以上|上述|前面|之前|此前|先前|上面)的?(?:所有|全部|一切)?的?"
    r"(?:指令|指示|规则|内容|提示词?|要求|设定|命令)",
    r"(?:本|该|此)(?:商品|链接|宝贝|内容|条目|帖)?(?:已|已经)(?:通过|获|经)过?(?:平台|人工|官方|合规|法务)的?"
    r"(?:审核|审查|合规|批准|报备)",
    r"(?:输出|返回|回复|判定结果|审核结果)(?:为|是|:)? ?[\"“]?(?:合规|通过|pass|safe|无违规|正常)",
    r"\b(?:ignore|disregard|forget|override) (?:all |any |the |your )*(?:previous|prior|above|earlier|preceding|other) "
    r"(?:instructions?|prompts?|rules?|text|content|context|polic(?:y|ies))",
    r"\b(?:system|assistant|developer|admin) ?: ?"
    r"(?:mark|this|you|ignore|the|approve|classify|treat|respond|listing|output|set|no)\b",
    r"\b(?:mark|classify|label|treat|flag|rate|consider)(?: (?:this|it|the|as|listing|item|product|content|post|ad))* "
    r"(?:safe|compliant|approved|benign|clean|allowed|pass|not (?:a )?violat\w{0,6}|non[ -]violating|lawful|legal)\b",
    rf"\b(?:dear|hi|hello|note to(?: the)?|attention|attn|message (?:to|for)(?: the)?|to the) "
    rf"(?:{_STAFF}|ai|llm|language model|chatgpt|gpt|claude|moderation|bot)\b",
    r"\b(?:as an|you are an?|if you are an?) "
    r"(?:ai|llm|language model|automated|content (?:moderator|reviewer)|moderation|helpful assistant)\b",
    r"[\"'](?:verdict|decision|label|risk|violation|violating|is_violation|safe|result)[\"'] ?: ?[\"']?"
    r"(?:pass|safe|false|true|none|low|approved?|compliant|ok|0)\b",
    r"\b(?:pre-?approved|already (?:been )?(?:reviewed|approved|cleared)|cleared|approved|verified) by (?:the )?"
    rf"(?:compliance|legal|moderation|platform|{_STAFF}|(?:the )?review team|policy)\b",
    rf"\b{_STAFF},? (?:please|pls|do not|don'?t|kindly)\b",
    r"\bdo not (?:flag|remove|delist|report) this (?:listing|post|item|ad)\b|<\|?(?:im_start|system|endoftext)\|?>",
)


def cover_claims(reading: Reading) -> tuple[Signal, ...]:
    """Where the seller says that all is well."""
    return reading.signals("cover_claim", _COVER)


def reviewer_addresses(reading: Reading) -> tuple[Signal, ...]:
    """Where the seller speaks to who inspects the listing."""
    return reading.signals("reviewer_address", _REVIEWER)
