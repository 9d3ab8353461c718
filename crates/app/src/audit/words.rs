//! What the trail's words mean on the page.

/// Kinds of action: the beginning of the word in the table, and the page's word.
pub const KINDS: &[(&str, &str)] = &[
    ("session.", "登录"),
    ("account.", "账号"),
    ("grant.", "授权"),
    ("revision.", "内容"),
    ("import.", "导入"),
    ("case.", "办理件"),
    ("sealed.", "查看密封信息"),
    ("organ.", "纪检组织"),
    ("calendar.", "工作日历"),
    ("letter.", "公文函件"),
    ("rules.", "分派和期限规则"),
    ("recusal.", "回避登记"),
    ("tie.", "人员对应"),
    ("audit.", "审计"),
    ("row.", "登记存底"),
    ("installation.", "安装"),
    ("backup.", "备份"),
    ("keys.", "密钥"),
    ("superior.", "转交上级"),
    ("opening.", "查看反映人身份"),
    ("outcome.", "结果公布"),
    ("oversight.", "监督数字"),
    ("hotline.", "热线导入"),
    ("round.", "评价轮次"),
    ("sheet.", "纸质评价码"),
    ("flag.", "刷票核查"),
    ("indicators.", "评价题目"),
];

const ACTIONS: &[(&str, &str)] = &[
    ("session.begin", "登录"),
    ("session.end", "结束其他设备的登录"),
    ("session.sign_out", "退出登录"),
    ("session.refuse", "登录失败"),
    ("account.set_password", "修改密码"),
    ("account.create", "建立账号"),
    ("account.invite", "重新发放设置链接"),
    ("account.set_credentials", "设置密码和动态验证码"),
    ("account.disable", "停用账号"),
    ("account.enable", "启用账号"),
    ("grant.begin", "授权"),
    ("grant.end", "结束授权"),
    ("import.upload", "上传表格"),
    ("import.learn", "记住表头"),
    ("import.discard", "放弃导入"),
    ("import.apply", "收录导入"),
    ("case.receive", "收到反映"),
    ("case.open", "打开办理件"),
    ("case.print", "打印整卷"),
    ("case.original", "打开证据原件"),
    ("case.copy", "查看照片副本"),
    ("case.act", "办理"),
    ("case.name", "补充被反映人"),
    ("case.deny", "反映人说明不是此人"),
    ("case.confirm", "反映人确认是此人"),
    ("case.same", "反映人确认写到的是此人"),
    ("case.another", "反映人说明写到的是别人"),
    ("case.clear", "核对姓名：写到的是别人"),
    ("case.link", "关联相同事项"),
    ("case.unlink", "取消关联"),
    ("organ.create", "登记纪检组织"),
    ("organ.edit", "修改纪检组织"),
    ("organ.watch", "加入监督范围"),
    ("organ.unwatch", "移出监督范围"),
    ("calendar.load", "载入工作日历"),
    ("letter.issue", "签发函件"),
    ("letter.receive", "登记函件回执"),
    ("letter.answer", "登记函件反馈"),
    ("rules.deadlines", "修改办理期限"),
    ("rules.routing", "修改分派规则"),
    ("rules.superior", "修改上级渠道"),
    ("recusal.begin", "登记回避"),
    ("recusal.end", "结束回避"),
    ("recusal.relate", "申报亲属"),
    ("recusal.unrelate", "更正亲属申报"),
    ("tie.ask", "申请对应人员"),
    ("tie.confirm", "确认对应人员"),
    ("tie.refuse", "退回对应申请"),
    ("row.keep", "登记存底"),
    ("audit.verify", "核验审计日志"),
    ("audit.export", "导出审计日志"),
    ("audit.head", "没有末条记录，重新开始记"),
    ("revision.save", "保存草稿"),
    ("revision.take_over", "接手他人的草稿"),
    ("revision.submit", "提交审核"),
    ("revision.withdraw", "撤回提交"),
    ("revision.discard", "放弃草稿"),
    ("revision.return", "退回修改"),
    ("revision.publish", "公布内容"),
    ("sealed.open", "查看密封信息"),
    ("installation.init", "打印首位管理员的登录链接"),
    ("backup.make", "备份"),
    ("backup.restore", "从备份恢复"),
    ("keys.rotate", "轮换密钥"),
    ("superior.set_key", "设置上级公钥"),
    ("superior.remove_key", "取消上级公钥"),
    ("superior.export", "取走密封包"),
    ("opening.ask", "申请查看反映人身份"),
    ("opening.withdraw", "撤回查看身份的申请"),
    ("opening.approve", "同意查看反映人身份"),
    ("opening.refuse", "不同意查看反映人身份"),
    ("opening.revoke", "收回查看身份的同意"),
    ("opening.look", "查看反映人身份"),
    ("clue.find", "登记问题线索"),
    ("clue.propose", "提出线索处置意见"),
    ("clue.approve", "同意线索处置意见"),
    ("clue.return", "退回线索处置意见"),
    ("clue.reopen", "重新启动问题线索"),
    ("clue.export", "导出问题线索台账"),
    ("outcome.propose", "提交公布内容"),
    ("outcome.approve", "审核公布内容"),
    ("outcome.return", "退回公布内容"),
    ("outcome.publish", "公布办理结果"),
    ("outcome.retract", "撤下办理结果"),
    ("outcome.end", "公布期满或撤下"),
    ("oversight.export", "导出办理看板"),
    ("hotline.read", "上传热线工单表"),
    ("hotline.take", "收录热线工单"),
    ("round.create", "拟定评价轮次"),
    ("round.edit", "修改评价轮次"),
    ("round.review", "审核评价轮次"),
    ("round.reopen", "退回修改评价轮次"),
    ("round.drop", "取消评价轮次"),
    ("round.open", "评价开始"),
    ("round.close", "评价截止，密钥已销毁"),
    ("round.close_early", "密钥丢失，评价提前截止"),
    ("round.release", "按时公布评价分数"),
    ("round.publish", "核票一致，公布评价结果"),
    ("round.disagree", "核票不一致，没有公布"),
    ("flag.raise", "评价票数异常，提示核查"),
    ("flag.decide", "刷票核查提出意见"),
    ("sheet.print", "印制纸质评价码"),
    ("sheet.revoke", "作废纸质评价码"),
    ("sheet.exclude", "剔除作废评价码的票"),
    ("indicators.edit", "修改评价题目"),
    ("indicators.submit", "提交评价题目"),
    ("indicators.approve", "审核评价题目"),
    ("indicators.return", "退回评价题目"),
    ("hotline.export", "导出热线答复"),
    ("hotline.answer", "查看热线答复"),
    ("hotline.hear", "登记热线来电人的评价"),
    ("case.export", "导出办理件清单"),
];

/// The page's word for an action; the kind's, then the table's own, when it is not known.
pub fn action(code: &str) -> String {
    let exact = ACTIONS.iter().find(|(known, _)| *known == code).map(|(_, word)| (*word).to_owned());
    let kind = || {
        let kind = KINDS.iter().find(|(known, _)| code.starts_with(known));
        kind.map(|(_, word)| format!("{word}（{code}）"))
    };
    exact.or_else(kind).unwrap_or_else(|| code.to_owned())
}

/// The page's words for what a deed was done to: `account 3` is an account.
pub fn subject(text: &str) -> String {
    const NOUNS: &[(&str, &str)] = &[
        ("unknown", "不存在的登录名"),
        ("first", "首位系统管理员"),
        ("keys", "密钥"),
        ("account", "账号"),
        ("import", "导入"),
        ("organ", "纪检组织"),
        ("unit", "单位"),
        ("cadre", "干部"),
        ("power", "权力事项"),
        ("revision", "修订"),
        ("letter", "函件"),
        ("deadlines", "办理期限"),
        ("routing", "分派规则"),
        ("superior", "上级渠道"),
        ("installation", "本系统"),
        ("hotline", "热线工单表"),
        ("round", "评价轮次"),
        ("sheet", "纸质评价码"),
        ("flag", "刷票核查"),
        ("indicators", "评价题目"),
    ];
    let (noun, rest) = text.split_once(' ').unwrap_or((text, ""));
    // The number of a case is the staff's own: nothing that a reporter holds leads to it, nor it to them.
    if let ("case" | "clue", Ok(id)) = (noun, rest.parse::<i64>()) {
        let word = if noun == "case" { "办理件" } else { "问题线索" };
        return format!("{word}（内部序号 {id}）");
    }
    // What is kept of rows names their table: of which person or case they are says the entry of the deed.
    let kept = super::rows::ALL.iter().find(|rows| rows.table == noun).map(|rows| (noun, rows.page));
    match NOUNS.iter().copied().chain(kept).find(|(known, _)| *known == noun) {
        Some((_, word)) if rest.parse::<i64>().is_ok() => format!("{word} {rest}"),
        Some((_, word)) => word.to_owned(),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_action_still_says_what_it_is() {
        assert_eq!(action("import.apply"), "收录导入");
        assert_eq!(action("revision.wave"), "内容（revision.wave）");
        assert_eq!(action("new.thing"), "new.thing");
        assert_eq!(action("case.name"), "补充被反映人");
        for look in crate::cases::store::Look::ACTIONS {
            assert!(!action(look).contains(look), "{look}");
        }
        assert_eq!(action("case.new"), "办理件（case.new）");
        assert_eq!(subject("case 7"), "办理件（内部序号 7）");
        assert_eq!(subject("clue 7"), "问题线索（内部序号 7）");
        assert_eq!(subject("hotline 7"), "热线工单表 7");
        assert_eq!(subject("account 3"), "账号 3");
        assert_eq!(subject("installation"), "本系统");
        assert_eq!(subject("unknown login"), "不存在的登录名");
        assert_eq!(subject("单位名册.xlsx"), "单位名册.xlsx");
    }
}
