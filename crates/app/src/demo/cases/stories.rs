//! What invented people tell, and what is found out.

use crate::{cases::Conclusion, reports::Kind};

/// What somebody tells, and what is found out.
pub(super) struct Story {
    pub(super) kind: Kind,
    pub(super) what: &'static str,
    pub(super) when: &'static str,
    pub(super) place: &'static str,
    pub(super) amount: &'static str,
    pub(super) points: [&'static str; 2],
    pub(super) conclusion: Conclusion,
    pub(super) finding: &'static str,
    pub(super) answers: [&'static str; 2],
}

#[rustfmt::skip]
pub(super) const STORIES: [Story; 8] = [
    Story {
        kind: Kind::Complaint, what: "村里低保名单没有开会评议，公示只贴了两天就撕了，有人条件比我家好却评上了。",
        when: "今年3月", place: "村委会公示栏", amount: "",
        points: ["低保名单是谁定的，有没有开会评议", "公示为什么只贴了两天"], conclusion: Conclusion::Partly,
        finding: "评议会开过，到会21人，记录和签名已核对；公示不足七天属实。",
        answers: ["3月2日开过村民代表评议会，到会21人，会议记录和签名已逐一核对。", "公示照片显示只贴了两天，不足七天，已责令重新公示并对经办人警示提醒。"],
    },
    Story {
        kind: Kind::Complaint, what: "村道硬化工程说是十八公分厚，挖开一看不到十二公分，验收照样合格，钱却付清了。",
        when: "去年10月", place: "村东到水渠一段", amount: "12万",
        points: ["路面厚度到底合不合格", "工程款有没有多付"], conclusion: Conclusion::Substantiated,
        finding: "钻芯取样6处，4处厚度不足；多付工程款3.6万元已追回。",
        answers: ["委托检测钻芯取样6处，4处厚度在12到14公分之间，不合格，施工方已返工。", "经审计多付工程款3.6万元，已于本月全部追回村集体账户。"],
    },
    Story {
        kind: Kind::Request, what: "母亲住院报销材料交了两个多月，窗口每次都说在走流程，没有人告诉我还差什么。",
        when: "两个月前", place: "便民服务大厅", amount: "8600",
        points: ["报销到哪一步了", "还缺什么材料"], conclusion: Conclusion::Substantiated,
        finding: "材料齐全，窗口漏录入系统，已补录并拨付。",
        answers: ["经查材料当日已收齐，因窗口漏录没有进入审核，现已补录并审核通过。", "不缺材料，报销款8600元已拨付到您登记的账户，请核对。"],
    },
    Story {
        kind: Kind::Complaint, what: "办理宅基地审批跑了五趟，每次换一种说法，还暗示请吃饭才办得快。",
        when: "9月到10月", place: "镇上的办事窗口", amount: "",
        points: ["为什么要跑五趟", "要请吃饭是谁说的"], conclusion: Conclusion::Unclear,
        finding: "一次性告知没有做到属实；索要吃请没有证据。",
        answers: ["窗口没有一次性告知所需材料，造成多次往返，已责令整改并公开材料清单。", "询问窗口三人并调看监控，没有发现索要吃请的证据，如有录音或证人请补充。"],
    },
    Story {
        kind: Kind::Suggestion, what: "村务公开栏在村委会院子里，晚上锁门，白天上班的人看不到，建议移到村口。",
        when: "一直如此", place: "村委会院子", amount: "",
        points: ["能不能把公开栏移到村口", "能不能同时发到微信群"], conclusion: Conclusion::Substantiated,
        finding: "村民代表会议同意移到村口，本月完成。",
        answers: ["村民代表会议已同意，公开栏本月底前移到村口小卖部旁边，晚上有路灯。", "从下月起每次公开的照片同步发到村民微信群，由监督委员会负责。"],
    },
    Story {
        kind: Kind::Accusation, what: "集体林地出租没有招标，租金比邻村低一半，合同村民从来没有见过，听说租给了熟人。",
        when: "前年冬天", place: "后山林地", amount: "5万",
        points: ["林地租给了谁，有没有招标", "租金有没有入账"], conclusion: Conclusion::Partly,
        finding: "未公开招标属实；租金已全额入账，租金偏低，已重新议价。",
        answers: ["该地块出租没有公开招标，程序不合规，已责令重新公开竞租并公布合同。", "租金每年都进了集体账，账册和银行流水已核对，没有发现截留。"],
    },
    Story {
        kind: Kind::Complaint, what: "种粮补贴比往年少了一半，问会计说是面积核减，可是我家的地一分也没有少。",
        when: "今年夏天", place: "村委会", amount: "1260",
        points: ["我家的面积为什么核减", "少发的补贴补不补"], conclusion: Conclusion::Substantiated,
        finding: "录入错误，面积少录3.5亩，已更正补发。",
        answers: ["核对承包合同和测绘图，系录入时少录3.5亩，不是核减，已更正登记。", "少发的补贴1260元已补发到一卡通，请您到银行或手机上核对。"],
    },
    Story {
        kind: Kind::Request, what: "家门口的路灯坏了三个多月，老人晚上摔过一次，报修两次都没有回音。",
        when: "8月以来", place: "村北巷子口", amount: "",
        points: ["路灯什么时候修好", "报修为什么没有回音"], conclusion: Conclusion::Substantiated,
        finding: "报修登记遗失，路灯已修好3盏。",
        answers: ["巷子口3盏路灯已于本周全部修好，并加装了一盏，欢迎您查看。", "报修登记本遗失造成没有派单，已改为网上登记，两天内必须回复。"],
    },
];
