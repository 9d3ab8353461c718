//! The history of a report in a citizen's words.

use crate::cases::{Above, Deed};

/// What happened, as a sentence. `accepted` says whether it was accepted before, `organ` gives the name of an organ.
pub fn sentence(what: &Deed, accepted: bool, organ: impl Fn(i64) -> String) -> String {
    match what {
        Deed::Receive { .. } => "平台收到您的反映".into(),
        // Once accepted it stays accepted, whoever has it.
        Deed::Route { organ_id } if accepted => format!("转给{}接着办理", organ(*organ_id)),
        Deed::Route { organ_id } => format!("转给{}，由他们决定是否受理", organ(*organ_id)),
        Deed::HandUp => "本县的办理机关都须回避，转请上级处理；没有办结，期限照常计算".into(),
        Deed::Name { .. } => "办理机关登记了另外的被反映人，要请您核对".into(),
        Deed::Deny => "您说明反映的不是后来登记的人，那次登记作废".into(),
        Deed::Confirm => "您说明反映的就是后来登记的人，那次登记生效".into(),
        Deed::Another => "您说明写到的是同名的另一个人".into(),
        Deed::Same => "您说明写到的就是那位工作人员".into(),
        Deed::Expire => "另外登记的被反映人没有人确认，那次登记已失效；您说是的，仍然生效".into(),
        Deed::Accept => "已经受理".into(),
        Deed::Decline => "没有受理".into(),
        Deed::Forward { organ_id } => format!("转给{}办理", organ(*organ_id)),
        Deed::Ask => "请您补充情况，补充之前期限暂停".into(),
        Deed::Supply { .. } => "您补充了情况".into(),
        Deed::FileCase => "已经立案，办理时间相应延长".into(),
        Deed::Extend { by, .. } => format!("经批准，办理时间延长{}", by.page()),
        Deed::Reply { .. } => "办理机关作出答复".into(),
        Deed::Satisfied => "您表示满意，已经办结".into(),
        Deed::Dissatisfied { to: Some(Above::Organ(organ_id)) } => {
            format!("您表示不满意，已经提交上级{}重新办理", organ(*organ_id))
        }
        Deed::Dissatisfied { to: Some(Above::Outside) } => {
            "您表示不满意，本县没有更高的办理机关，转请上级处理".into()
        }
        Deed::Dissatisfied { to: None } => "您表示不满意；上级的答复是最终答复，已经办结".into(),
        Deed::Lapse => "期限内没有收到您的评价，已经办结".into(),
        Deed::Withdraw => "您撤回了这份反映".into(),
        Deed::Reopen => "重新办理".into(),
        Deed::Publish => "办理结果已经公布，里面没有您的信息".into(),
        Deed::Retract => "公布的办理结果已经撤下".into(),
        // Not told to reporters (`Deed::is_told`).
        other => other.page().into(),
    }
}
