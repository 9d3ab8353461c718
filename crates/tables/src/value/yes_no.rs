/// Reads 是 or 否 in the ways offices write them: 公开/不公开, 有/无, √/×, 1/0, Y/N, TRUE/FALSE. `None` when blank or unclear.
pub fn parse_yes_no(text: &str) -> Option<bool> {
    let text = daylight_ids::text::squash(text).to_lowercase();
    let text = text.trim_end_matches(['。', '.', ';', '；']);
    Some(match text {
        "是" | "公开" | "有" | "对" | "需要" | "要" | "能" | "可以" | "已公开" | "予以公开" | "主动公开"
        | "属于" | "√" | "✓" | "✔" | "☑" | "■" | "v" | "1" | "y" | "yes" | "t" | "true" | "on" => {
            true
        }
        "否" | "不公开" | "无" | "没有" | "不" | "不是" | "不需要" | "不要" | "不能" | "不可以"
        | "未公开" | "不予公开" | "不属于" | "非" | "×" | "✗" | "✘" | "☒" | "□" | "☐" | "x" | "0" | "n"
        | "no" | "f" | "false" | "off" => false,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yes_and_no_in_every_hand() {
        for text in ["是", " 公 开 ", "√", "1", "Ｙ", "yes", "TRUE", "公开。"] {
            assert_eq!(parse_yes_no(text), Some(true), "{text}");
        }
        for text in ["否", "不公开", "×", "0", "N", "False", "无"] {
            assert_eq!(parse_yes_no(text), Some(false), "{text}");
        }
        for text in ["", "视情况", "依申请公开", "2"] {
            assert_eq!(parse_yes_no(text), None, "{text}");
        }
    }
}
