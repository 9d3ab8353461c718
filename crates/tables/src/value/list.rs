/// Splits a cell that lists several things at `；` `;` `、` and line breaks, but not inside 《》, quotes or brackets:
/// 《环境保护法》第六条；《噪声（震动、光）防治办法》 is two things. Items are trimmed, blank ones dropped.
/// A bracket that is never closed does not hide what follows it.
pub fn split_list(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let inside = inside_brackets(&chars);
    let mut items = Vec::new();
    let mut item = String::new();
    for (index, &c) in chars.iter().enumerate() {
        if !inside[index] && matches!(c, '；' | ';' | '、' | '\n' | '\r') {
            items.push(std::mem::take(&mut item));
        } else {
            item.push(c);
        }
    }
    items.push(item);
    items.into_iter().map(|item| item.trim().to_owned()).filter(|item| !item.is_empty()).collect()
}

/// Which characters stand between an opening bracket and the one that closes it.
fn inside_brackets(chars: &[char]) -> Vec<bool> {
    let mut depth = vec![0i32; chars.len() + 1];
    let mut open: Vec<(char, usize)> = Vec::new();
    for (index, &c) in chars.iter().enumerate() {
        if let Some(close) = closing(c) {
            open.push((close, index));
        } else if let Some(at) = open.iter().rposition(|&(close, _)| close == c) {
            depth[open[at].1] += 1;
            depth[index] -= 1;
            open.truncate(at);
        }
    }
    depth
        .iter()
        .scan(0, |level, change| {
            *level += change;
            Some(*level > 0)
        })
        .collect()
}

fn closing(open: char) -> Option<char> {
    Some(match open {
        '《' => '》',
        '〈' => '〉',
        '（' => '）',
        '(' => ')',
        '【' => '】',
        '[' => ']',
        '〔' => '〕',
        '［' => '］',
        '“' => '”',
        '「' => '」',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_and_brackets_hold_together() {
        assert_eq!(
            split_list("《农村危房；改造、补助办法》；《土地管理法》第六十二条、办法（甲、乙）;\n 丙 ；"),
            ["《农村危房；改造、补助办法》", "《土地管理法》第六十二条", "办法（甲、乙）", "丙"]
        );
        assert_eq!(split_list("电话：12388；监督平台"), ["电话：12388", "监督平台"]);
    }

    #[test]
    fn an_unclosed_bracket_hides_nothing() {
        assert_eq!(split_list("甲（乙；丙、丁"), ["甲（乙", "丙", "丁"]);
        assert_eq!(split_list("甲）；乙（丙、丁）"), ["甲）", "乙（丙、丁）"]);
        assert!(split_list(" ；、\n").is_empty());
    }
}
