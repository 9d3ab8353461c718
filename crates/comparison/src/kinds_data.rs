//! The headings of each kind of table.

use crate::kinds::{Heading, Kind, Side};

const fn must(key: &'static str, title: &'static str, synonyms: &'static [&'static str]) -> Heading {
    Heading { key, title, synonyms, required: true }
}

const fn may(key: &'static str, title: &'static str, synonyms: &'static [&'static str]) -> Heading {
    Heading { key, title, synonyms, required: false }
}

const PERSON: Heading = must(
    "person",
    "身份证号",
    &[
        "公民身份号码",
        "身份证号码",
        "居民身份证号码",
        "证件号码",
        "证件号",
        "身份证",
        "身份证件号码",
        "补贴对象身份证号",
        "补贴对象证件号码",
        "领款人身份证号",
        "领取人身份证号",
        "申请人身份证号",
        "户主身份证号",
        "户主身份证号码",
    ],
);
const NAME: Heading = may(
    "name",
    "姓名",
    &[
        "补贴对象",
        "补贴对象姓名",
        "领款人",
        "领款人姓名",
        "领取人",
        "户主",
        "户主姓名",
        "申请人",
        "申请人姓名",
        "农户姓名",
    ],
);
const PAID: Heading = may(
    "date",
    "发放日期",
    &[
        "发放时间",
        "发放年月",
        "支付日期",
        "支付时间",
        "打款日期",
        "打卡日期",
        "兑付日期",
        "兑付时间",
        "拨付日期",
        "交易日期",
        "日期",
    ],
);
const FROM: Heading = may(
    "date",
    "起始日期",
    &["开始日期", "享受起始时间", "享受起始年月", "保障开始时间", "起始时间", "起始年月", "批准日期"],
);
const UNTIL: Heading =
    may("until", "截止日期", &["终止日期", "结束日期", "享受截止时间", "截止时间", "截止年月", "停保日期"]);
const AMOUNT: Heading = must(
    "amount",
    "发放金额",
    &[
        "金额",
        "补贴金额",
        "补助金额",
        "实发金额",
        "应发金额",
        "兑付金额",
        "金额（元）",
        "发放金额元",
        "补贴资金",
        "合计金额",
    ],
);
const SCHEME: Heading = may(
    "scheme",
    "补贴项目",
    &["补贴名称", "项目名称", "补助项目", "资金项目", "补贴种类", "补贴类型", "政策名称"],
);
const ACCOUNT: Heading = may(
    "account",
    "银行账号",
    &[
        "账号",
        "帐号",
        "银行卡号",
        "卡号",
        "一卡通账号",
        "一卡通卡号",
        "社保卡号",
        "社保卡账号",
        "收款账号",
        "银行帐号",
    ],
);
const HOUSEHOLD: Heading =
    may("household", "户号", &["户编号", "家庭编号", "户籍编号", "低保证号", "户口簿号"]);
const PHONE: Heading = may("phone", "联系电话", &["电话", "手机号", "手机号码", "联系方式", "电话号码"]);
const ADDRESS: Heading = may("address", "地址", &["家庭住址", "住址", "户籍地址", "联系地址", "详细地址"]);
const PLACE: Heading =
    may("place", "村（社区）", &["村", "社区", "行政村", "所在村", "村名", "村居", "所属村"]);
const BIRTH: Heading = may("birth", "出生日期", &["出生年月", "生日", "出生年月日"]);
const SEX: Heading = may("sex", "性别", &[]);

/// Every kind, ledgers first.
pub(crate) static KINDS: &[Kind] = &[
    Kind {
        name: "payments",
        title: "补贴发放（一卡通）台账",
        side: Side::Ledger,
        columns: &[
            PERSON, NAME, PAID, UNTIL, AMOUNT, SCHEME, ACCOUNT, HOUSEHOLD, PHONE, ADDRESS, PLACE, BIRTH, SEX,
        ],
    },
    Kind {
        name: "low-income",
        title: "低保、特困等低收入对象名单",
        side: Side::Ledger,
        columns: &[
            PERSON,
            NAME,
            FROM,
            UNTIL,
            may("amount", "保障金额", &["金额", "月保障金", "救助金额", "补助金额", "低保金", "发放金额"]),
            may("scheme", "救助类别", &["救助类型", "保障类别", "对象类别", "低保类别", "补贴项目"]),
            ACCOUNT,
            HOUSEHOLD,
            PHONE,
            ADDRESS,
            PLACE,
            BIRTH,
            SEX,
        ],
    },
    Kind {
        name: "housing",
        title: "危房改造等住房补助台账",
        side: Side::Ledger,
        columns: &[
            PERSON, NAME, PAID, UNTIL, AMOUNT, SCHEME, ACCOUNT, HOUSEHOLD, PHONE, ADDRESS, PLACE, BIRTH, SEX,
        ],
    },
    Kind {
        name: "machinery",
        title: "农机购置补贴台账",
        side: Side::Ledger,
        columns: &[
            must(
                "person",
                "购机者身份证号",
                &["身份证号", "身份证号码", "公民身份号码", "证件号码", "购机人身份证号"],
            ),
            may("name", "购机者姓名", &["姓名", "购机者", "购机人", "购机人姓名"]),
            may("date", "购机日期", &["购机时间", "发放日期", "补贴日期", "结算日期", "日期"]),
            AMOUNT,
            may("scheme", "机具品目", &["补贴项目", "机具名称", "品目", "机具类型"]),
            ACCOUNT,
            HOUSEHOLD,
            PHONE,
            ADDRESS,
            PLACE,
            BIRTH,
            SEX,
        ],
    },
    Kind {
        name: "farmland",
        title: "耕地地力保护补贴台账",
        side: Side::Ledger,
        columns: &[
            PERSON,
            NAME,
            PAID,
            may(
                "area",
                "补贴面积",
                &["申报面积", "种植面积", "面积", "面积（亩）", "补贴面积亩", "核定面积"],
            ),
            may("amount", "发放金额", &["金额", "补贴金额", "补助金额", "实发金额", "金额（元）"]),
            SCHEME,
            ACCOUNT,
            HOUSEHOLD,
            PHONE,
            ADDRESS,
            PLACE,
            BIRTH,
            SEX,
        ],
    },
    Kind {
        name: "bids",
        title: "招标投标登记表",
        side: Side::Ledger,
        columns: &[
            must("body", "统一社会信用代码", &["信用代码", "社会信用代码", "投标人信用代码", "企业信用代码"]),
            may("name", "投标人名称", &["投标人", "投标单位", "单位名称", "企业名称"]),
            may("date", "投标日期", &["开标日期", "开标时间", "日期"]),
            must("project", "项目编号", &["项目名称", "标段编号", "招标编号", "标段"]),
            may("amount", "投标报价", &["报价", "投标金额", "金额"]),
            PHONE,
            ADDRESS,
        ],
    },
    Kind {
        name: "invoices",
        title: "发票、报账登记表",
        side: Side::Ledger,
        columns: &[
            must(
                "body",
                "销售方纳税人识别号",
                &["纳税人识别号", "统一社会信用代码", "信用代码", "收款单位信用代码", "供应商信用代码"],
            ),
            may("name", "销售方名称", &["收款单位", "供应商", "供应商名称", "销售方"]),
            must("date", "开票日期", &["报账日期", "付款日期", "支付日期", "日期"]),
            must("amount", "价税合计", &["金额", "发票金额", "报账金额", "付款金额"]),
            may("project", "项目", &["项目名称", "用途", "事由"]),
            ACCOUNT,
        ],
    },
    Kind {
        name: "deceased",
        title: "死亡人员名册",
        side: Side::Roster,
        columns: &[
            must(
                "person",
                "身份证号",
                &["公民身份号码", "身份证号码", "证件号码", "死者身份证号", "死亡人员身份证号", "身份证"],
            ),
            may("name", "姓名", &["死者姓名", "死亡人员姓名", "死亡人员"]),
            must(
                "date",
                "死亡日期",
                &["死亡时间", "死亡年月", "火化日期", "火化时间", "注销日期", "去世日期"],
            ),
            may("note", "备注", &["死亡原因", "登记类型"]),
            PHONE,
            PLACE,
            BIRTH,
            SEX,
        ],
    },
    Kind {
        name: "payroll",
        title: "财政供养人员名册",
        side: Side::Roster,
        columns: &[
            must("person", "身份证号", &["公民身份号码", "身份证号码", "证件号码", "职工身份证号", "身份证"]),
            may("name", "姓名", &["职工姓名", "人员姓名"]),
            may(
                "date",
                "入职日期",
                &["参加工作时间", "参加工作日期", "入编日期", "任职日期", "入职时间", "起薪日期", "开始日期"],
            ),
            may("until", "离职日期", &["退休日期", "离职时间", "调出日期", "停薪日期", "截止日期"]),
            may("note", "职务", &["岗位", "职级", "人员类别", "身份类别", "备注"]),
            may("owner", "工作单位", &["单位", "单位名称", "所在单位"]),
            PHONE,
            PLACE,
            BIRTH,
            SEX,
        ],
    },
    Kind {
        name: "village-cadres",
        title: "村（社区）干部名册",
        side: Side::Roster,
        columns: &[
            must(
                "person",
                "身份证号",
                &["公民身份号码", "身份证号码", "证件号码", "村干部身份证号", "身份证"],
            ),
            may("name", "姓名", &["村干部姓名", "干部姓名"]),
            may("date", "任职日期", &["任职时间", "任现职时间", "开始日期"]),
            may("until", "离任日期", &["离任时间", "卸任日期", "截止日期"]),
            may("note", "职务", &["现任职务", "岗位", "备注"]),
            may("owner", "所在村", &["村（社区）", "村", "社区", "行政村", "单位"]),
            PHONE,
            BIRTH,
            SEX,
        ],
    },
    Kind {
        name: "relatives",
        title: "干部近亲属申报名册",
        side: Side::Roster,
        columns: &[
            must(
                "person",
                "亲属身份证号",
                &["身份证号", "身份证号码", "公民身份号码", "证件号码", "亲属证件号码", "家属身份证号"],
            ),
            may("name", "亲属姓名", &["姓名", "家属姓名", "称谓姓名"]),
            may("date", "申报日期", &["关系起始日期", "起始日期", "开始日期"]),
            may("until", "截止日期", &["关系终止日期", "终止日期"]),
            may("note", "与干部关系", &["关系", "称谓", "与本人关系", "亲属关系"]),
            may("owner", "干部姓名", &["申报人", "申报人姓名", "干部"]),
            may("owner-person", "干部身份证号", &["申报人身份证号", "本人身份证号"]),
            PHONE,
            PLACE,
            BIRTH,
            SEX,
        ],
    },
    Kind {
        name: "enterprises",
        title: "企业法定代表人、股东名册",
        side: Side::Roster,
        columns: &[
            must(
                "person",
                "法定代表人身份证号",
                &[
                    "身份证号",
                    "身份证号码",
                    "公民身份号码",
                    "证件号码",
                    "股东身份证号",
                    "经营者身份证号",
                    "负责人身份证号",
                ],
            ),
            may(
                "name",
                "法定代表人",
                &["姓名", "法人", "法人代表", "股东姓名", "经营者", "经营者姓名", "法定代表人姓名"],
            ),
            may("date", "成立日期", &["注册日期", "登记日期", "成立时间", "开始日期"]),
            may("until", "注销日期", &["吊销日期", "注销时间", "截止日期"]),
            may("note", "登记状态", &["企业状态", "经营状态", "状态", "备注"]),
            may("owner", "企业名称", &["单位名称", "市场主体名称", "字号"]),
            PHONE,
            PLACE,
        ],
    },
    Kind {
        name: "vehicles",
        title: "机动车所有人名册",
        side: Side::Roster,
        columns: &[
            must(
                "person",
                "所有人身份证号",
                &["身份证号", "身份证号码", "公民身份号码", "证件号码", "车主身份证号", "身份证明号码"],
            ),
            may("name", "所有人", &["姓名", "车主", "车主姓名", "机动车所有人"]),
            may("date", "登记日期", &["初次登记日期", "注册日期", "购车日期", "登记时间"]),
            may("until", "注销日期", &["转移日期", "报废日期", "过户日期", "截止日期"]),
            may("note", "车辆类型", &["车型", "品牌型号", "使用性质", "备注"]),
            may("plate", "车牌号", &["号牌号码", "车牌号码", "车牌"]),
            PHONE,
            PLACE,
        ],
    },
    Kind {
        name: "houses",
        title: "房产权利人名册",
        side: Side::Roster,
        columns: &[
            must(
                "person",
                "权利人身份证号",
                &["身份证号", "身份证号码", "公民身份号码", "证件号码", "产权人身份证号"],
            ),
            may("name", "权利人", &["姓名", "产权人", "所有权人", "权利人姓名"]),
            may("date", "登记日期", &["登记时间", "发证日期", "起始日期"]),
            may("until", "注销日期", &["转移日期", "截止日期"]),
            may("note", "房屋用途", &["用途", "房屋性质", "备注"]),
            may("owner", "坐落", &["房屋坐落", "房屋地址", "地址"]),
            PHONE,
            PLACE,
        ],
    },
    Kind {
        name: "prisoners",
        title: "服刑人员名册",
        side: Side::Roster,
        columns: &[
            must(
                "person",
                "身份证号",
                &["公民身份号码", "身份证号码", "证件号码", "服刑人员身份证号", "身份证"],
            ),
            may("name", "姓名", &["服刑人员姓名", "罪犯姓名"]),
            must("date", "入监日期", &["收监日期", "刑期起日", "起始日期", "入狱日期"]),
            may("until", "释放日期", &["刑满日期", "刑期止日", "截止日期", "出狱日期"]),
            may("note", "备注", &["罪名", "服刑场所"]),
            PHONE,
            PLACE,
            BIRTH,
            SEX,
        ],
    },
    Kind {
        name: "contracts",
        title: "土地承包（确权）名册",
        side: Side::Roster,
        columns: &[
            must(
                "person",
                "承包方身份证号",
                &[
                    "身份证号",
                    "身份证号码",
                    "公民身份号码",
                    "证件号码",
                    "承包人身份证号",
                    "户主身份证号",
                    "承包方代表身份证号",
                ],
            ),
            may("name", "承包方", &["姓名", "承包人", "承包方代表", "承包方代表姓名", "户主", "户主姓名"]),
            may("date", "承包起始日期", &["起始日期", "承包起日", "合同起始日期"]),
            may("until", "承包截止日期", &["截止日期", "承包止日", "合同截止日期"]),
            must(
                "area",
                "确权面积",
                &["承包面积", "合同面积", "实测面积", "面积", "面积（亩）", "确权面积亩"],
            ),
            may("note", "地块编码", &["地块", "地块名称", "地块代码", "备注"]),
            PHONE,
            PLACE,
        ],
    },
];
