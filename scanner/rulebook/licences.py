"""What a licence is for, read from how it is written.

Platforms write the licences of their sellers as they please: ``telecom_agent``, 增值电信业务经营许可证, "MVNO permit",
"authorised reseller". A rule names the business (``seller.licensed(telecom_agent)``). A licence answers to it when it
is that very name, or when words of that business stand in it and none that deny it ("revoked", 未授权).
``seller.licensed(any)`` means a permit of whatever business that has to be permitted; that somebody is a company
(营业执照, VAT number) or may sell food says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache

from scanner.text.tables import load as character_tables

ANY = "any"

_TELECOM = (
    r"telecom|telco|\bm?vn?no\b|\bmvn[eoa]\b|carrier|network (operator|access)|mobile (operator|network)|"
    r"\bsims?\b|airtime|\bofcom|"
    r"\bofta|\bofca\b|\bfcc\b|\bntc\b|\bimda\b|\bncc\b|\btrai\b|communications? (provider|service|licen)|"
    r"\bvoip\b|\bcpaas|\bcsp\b|"
    r"10dlc|\bsms\b|messaging|sender id|call cent|\biot\b|\bm2m\b|\bisp\b|type approval|roaming|"
    r"移动|联通|电信|通信|通讯|运营商|号卡|手机卡|流量卡|转售|码号|短消息|短信|呼叫中心|物联|漫游|境外上网|入网|"
    r"进网|型号核准|无线电"
)
_VALUE = (
    r"prepaid|pre paid|stored value|gift ?cards?|vouchers?\b|e ?money|\bemi\b|payment|\bpsp\b|"
    r"money (trans|service)|\bmsb\b|\bmso\b|\bsvf\b|\bnmls\b|bank|"
    r"\bfca\b|\bfintrac|acquir|utilit|electricity|energy|\bgas\b|water suppl|top ?up|bill pay|"
    r"支付|预付|储值|购物卡|单用途|多用途|收单|清算|银行|金融|信用卡|小额贷款|电力|供电|电网|燃气|水务|"
    r"缴费|充值|加油|油品|成品油|卡券|礼品卡|提货"
)
_CONTENT = (
    r"publish|\bgames?\b|gaming|\bisbn\b|video|stream|broadcast|media|music|software|\bisv\b|cloud|"
    r"\bsaas\b|hosting|registrar|"
    r"\bidc\b|\bcdn\b|develop|\bbsp\b|business solution|tech provider|advert|marketing|\bmcn\b|app store|"
    r"account transfer|"
    r"版号|游戏|网络文化|文网文|出版|视听|视频|影视|音乐|广播|软件|计算机|云服务|云计算|域名|数据中心|"
    r"企业微信|企微|服务商|广告|直播|网络交易|icp许可|增值"
)
_SECURITY = (
    r"penetration|pen ?test|\bcrest\b|security|\bcisp\b|\bciss?p\b|\boscp\b|iso ?27001|"
    r"渗透|等保|信息安全|网络安全|安全服务|测评"
)
_WORK = (
    r"\bhr\b|human resource|employment|labou?r|staffing|recruit|temp agency|job agency|"
    r"人力资源|人力資源|劳务|派遣|职业中介|职介|职业介绍|招聘"
)
_IDENTITY = (
    r"credit (bureau|refer|rating)|\bkyc\b|identity|background check|private investigat|"
    r"data (broker|protection)|\bca\b|"
    r"certificat(e|ion) authority|征信|电子认证|身份认证|数字证书|司法鉴定|鉴定"
)
_PAPERS = (
    r"\bseals?\b|engrav|print|photo|transl|notar|account(ing|ant)\b|bookkeep|tax (agent|adv)|"
    r"company (formation|secretar|service)|"
    r"corporate service|\btcsp\b|\bgov|law (firm|practice)|solicitor|attorney|immigration|travel agen|visa agen|"
    r"印章|刻章|公章|特种行业|印刷|摄影|照相|翻译|公证|记账|会计|财税|税务师|政务|工商代理|商标代理|"
    r"专利代理|知识产权|律师|旅行社|签证|移民"
)
_FIELDS = {
    _TELECOM: (
        "telecom_agent telecom_vas iot_card_operator travel_sim_agent network_access_licence "
        "telecom_equipment_cert carrier"
    ),
    _VALUE: "prepaid_card_issuer payment_institution bank utility_agent",
    _CONTENT: (
        "game_publisher video_platform software_vendor cloud_service media_licence account_transfer_platform "
        "wecom_provider"
    ),
    _SECURITY: "penetration_testing_cert security_training",
    _WORK: "hr_service_licence employment_agency_licence labour_dispatch_licence",
    _IDENTITY: "credit_reference_licence identity_verification_provider ca_provider",
    _PAPERS: "seal_engraving_licence photo_studio_registered translation_qualified accounting_firm gov_service_agent",
}
# What nearly every shop has: it is left out before a licence is read.
_COMPANY = (
    r"business (licen[cs]e|regist\w*)|company (regist\w*|licen[cs]e|number)|registered (company|business)|"
    r"companies house|\bincorporat\w*|\bvat\b|\bein\b|"
    r"sole (trader|prop\w*)|(trade|ltd|llc|enterprise|commercial|corporate) (regist\w*|licen[cs]e)|"
    r"trade ?mark|\b(id|phone|email) verified|"
    r"营业执照|个体工商户?|工商(登记|注册|营业)|营利事业登记|公司登记|(商业|税务)登记|统一社会信用代码|法人(证书?|资格)|"
    r"商标注册证?|icp备案?|公安备案|备案号|实名认证|身份证"
)
# Permits of trades that no rule is about.
_ELSEWHERE = (
    r"food|alcohol|liquor|tobacco|cosmetic|pharma|medic|health|\bpets?\b|食品|卫生|烟草|酒类|药品|医疗|"
    r"化妆|餐饮|动物|农药|种子|消防|质检|检测报告|"
    r"质量|环保|保证金|deposit|消费者保障|七天|"
    # What certifies a product or a company, and permits no business.
    r"(?<![a-z0-9])(3c|ccc|rohs|iso ?(9001|14001))(?![a-z0-9])|high.?tech enterprise|强制性产品|高新技术|专精特新"
)
# Not over, though it sounds like it: what states that a licence stands is left out before a denial is looked for.
_STANDS = (
    r"(not|never|isnt|wasnt) (been )?(expired|revoked|suspended|cancell?ed|withdrawn|terminated|lapsed)|"
    r"未(被|曾)?(吊销|注销|撤销|暂停|中止|过期|失效|到期|逾期|作废)"
)
# Somebody else's, denied, or not there (any longer). A word that denies also begins words of trades (无线电, 非银行,
# unlimited, no objection certificate) and numbers (no. 12): these deny nothing.
_NOT_HELD = (
    r"\bcopy\b|\bfake|\bforged|expired|\blapsed|\brevo(ked|cation)|\bsuspended|\bcancell(ed|ation)|\bcanceled|"
    r"\bwithdrawn|\bterminated|\bceased|\bdiscontinued|\bstruck off|\bsurrendered|\brescinded|\bannulled|"
    r"\binvalid|\bvoid(ed)?\b|\binactive|\bdenied|\brefused|\brejected|\bbanned|\bdisqualified|"
    r"\bformer(ly)?\b(?! (known|named|called|trad))|pending|applied for|awaiting|\billegal|\bunlawful|"
    r"\bnone\b|\bnil\b|\bnull\b|\bfalse\b|\bn/a\b|[:=] ?0$|\bnever\b|\bneither\b|\bcannot\b|"
    r"\black(s|ing)?\b|\bmissing\b|"
    r"\b(is|are|was|were|has|have|had|does|do|did|ca)n['’ ]?t\b|\bwithout\b(?! (limit|restrict|condition))|"
    r"\bno\b(?!\s*[.:#]\s*\w|\s+\S*\d|\s+(objection|contract|deposit|expiry|limit|restrict|condition|frills))|"
    r"\bnot\b(?! (for profit|limited|transferable|exclusive|only|less))|"
    r"\b(un|non|not|no) ?(licen|authori|official|regulat|verif|accredit|approv|certif|regist|qualif|recogni|complian|"
    r"confirm|valid)|"
    r"\b(sin|sem|sans|ohne) (licen|lizen|autori|permis|genehm)|"
    r"\b(nao|nicht|keine?|khong|chua|tidak|tanpa|bukan|belum)\b|"
    r"caducad|revocad|suspendid|cancelad|\bvencid|dicabut|het han|"
    r"\bне (лиценз|автор|официал|имеет|действ)|\b(без|нет) лиценз|отозван|аннулир|просроч|приостан|недейств|"
    r"复印件|挂靠|借用|冒用|伪造|过期|已到期|已逾期|逾期未|吊销|注销(?!代|服务|业务)|撤销|撤回|失效|作废|废止|中止|暂停|"
    r"终止(?!妊娠)|停业|歇业|取消|(?<!是)否(?!认)|冇|假(许可|授权|证|牌)|[已被]收回|办理中|申请中|待审|待批|审核中|审批中|"
    r"未(?!成年|来|央|名)|没(?!收|药)|"
    r"无(?!线|人(机|驾|船|车|值|售|零)|源|船|形|公害|障碍|损|机|菌|纺|店|纸|忧|期|限|烟|接触|国界|感|水|缝|尘|抵押|担保|固定|偿|理由|中间商|转授|"
    r"锡|为|极|棣)|"
    r"非(官方|公式|授权|正规|正式|法|持证|持牌|特许|直营|直属|代理|运营商|有效|认证)|"
    r"不(再|是|具|持|拥有|享有|属|存在|符合|合格|合规|合法|通过|需|用|必|在|真实|齐|全|授权|代理|承认|认可|有效|"
    r"予(许可|核准|批准|通过|登记|备案|续)|能(提供|出示|办)|受(监管|许可|认可))"
)
_PERMIT = (
    r"licen[cs]|permit\b|authori[sz]|accredit|franchis|concession|official|certified|approved|regulated|reseller|distribut|dealer|"
    r"issuer|licencia|autoriz|uy quyen|giay phep|lisensi|resmi\b|лиценз|"
    r"许可|授权|牌照|特许|资质|备案|核准|认证|经营证|官方|代理|经销|发行|履约|信托|合作协议|责任书|合作商|直营|许可证|就业服务|快递业务|典当|外汇|经纪|中介机构|检测机构|软著|著作权"
)

_OF_BUSINESS = {name: words for words, names in _FIELDS.items() for name in names.split()}
# A licence is a name, not a page.
_LONGEST = 200


def is_licensed(held: Iterable[str], names: Iterable[str]) -> bool:
    """Whether one of the licences held is one of those named, by name or by what it is for."""
    return any(_answers(licence[:_LONGEST], name.casefold()) for licence in held for name in names)


def is_called(licence: str, name: str) -> bool:
    """Whether a licence is called by that very name, however it is spaced and in whatever case."""
    return _spaced(licence.strip().casefold()) == _spaced(name.casefold())


@lru_cache(maxsize=4096)
def _answers(licence: str, name: str) -> bool:
    """Whether a licence as written is the one that a rule names.

    1. It is that very name.
    2. One that is denied, somebody else's, applied for, expired, suspended or revoked is none.
    3. Words of the business that is named stand in it, beside what every company has.
    4. ``any``: words of one of the businesses that rules know, or of a permit that is not one of another trade.
    """
    if is_called(licence, name):
        return True
    words = _reading(_COMPANY).sub(" ", _spaced(character_tables().fold(licence)))
    if _reading(_NOT_HELD).search(_reading(_STANDS).sub(" ", words)):
        return False
    if name != ANY:
        return name in _OF_BUSINESS and _reading(_OF_BUSINESS[name]).search(words) is not None
    if any(_reading(business).search(words) for business in _FIELDS):
        return True
    return _reading(_PERMIT).search(words) is not None and _reading(_ELSEWHERE).search(words) is None


@cache
def _reading(words: str) -> re.Pattern[str]:
    """The pattern in the spelling of what it is searched in: folding writes 翻 as 飜 and л as l."""
    return re.compile("".join(char if char.isascii() else character_tables().fold(char) for char in words))


def _spaced(name: str) -> str:
    return name.replace("_", " ").replace("-", " ")
