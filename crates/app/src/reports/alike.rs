//! How alike two texts are, without any outside service: the share of their three-character pieces that they
//! have in common (Jaccard over shingles, Broder 1997). Blind to width, case, blanks and punctuation; needs
//! no segmentation of Chinese.

use daylight_ids::text::halfwidth;
use std::collections::BTreeSet;

/// Thousandths, from 0 to 1000: whole numbers compare and store without surprise.
pub type Permille = u32;

/// Characters in a piece. Two would find Chinese texts of one topic alike; four lets every changed name break
/// too much.
const WIDTH: usize = 3;

/// The pieces of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shingles(BTreeSet<[char; WIDTH]>);

impl Shingles {
    /// Cuts a text. One shorter than a piece has none, and is like nothing.
    pub fn of(text: &str) -> Shingles {
        let letters: Vec<char> = halfwidth(text)
            .chars()
            .flat_map(char::to_lowercase)
            .filter(|c| c.is_alphanumeric())
            // Numbers of all sizes are one: a template filled with other amounts and dates is still a template.
            .map(|c| if c.is_numeric() { '0' } else { c })
            .collect();
        Shingles(letters.windows(WIDTH).map(|piece| [piece[0], piece[1], piece[2]]).collect())
    }

    /// Each piece as a text, to be hashed.
    pub fn pieces(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|piece| piece.iter().collect())
    }

    /// What they share of what either has; the same for both.
    pub fn alike(&self, other: &Shingles) -> Permille {
        let shared = self.0.intersection(&other.0).count();
        share(shared, self.0.len() + other.0.len() - shared)
    }

    /// How much of this text stands in the other: a sentence taken over whole into a longer text is 1000.
    pub fn within(&self, other: &Shingles) -> Permille {
        share(self.0.intersection(&other.0).count(), self.0.len())
    }
}

fn share(part: usize, whole: usize) -> Permille {
    (part * 1000).checked_div(whole).and_then(|share| Permille::try_from(share).ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const REPLY: &str = "经核查，青石镇柳河村2025年低保评议会议记录齐全，公示期为七天，您所反映的王某家庭人均收入\
                         低于保障标准，符合条件；评议中未发现村干部优亲厚友。感谢您对我们工作的监督。";

    #[test]
    fn a_template_with_other_names_is_nearly_the_same_and_another_matter_is_not() {
        let copy =
            REPLY.replace("青石镇柳河村", "云岭乡石桥村").replace("王某", "李某").replace("2025", "2026");
        let other = "您反映的村道硬化工程，招标公告、中标结果和竣工验收资料已在村务公开栏补充公布，审计发现多付工程款一万二千元，\
                     已全部追回；施工方被列入不良记录。";
        let alike = |text: &str| Shingles::of(REPLY).alike(&Shingles::of(text));
        assert!(alike(&copy) >= 600, "{}", alike(&copy));
        assert!(alike(other) <= 100, "{}", alike(other));
    }

    #[test]
    fn width_case_punctuation_and_amounts_do_not_tell_texts_apart() {
        let plain = Shingles::of("多收500元ABC费用");
        assert_eq!(plain, Shingles::of("多收，６００元 ａｂｃ费用！"));
    }

    #[test]
    fn a_sentence_taken_over_stands_within_the_longer_text() {
        let (part, whole) = (Shingles::of("公示期为七天"), Shingles::of(REPLY));
        assert_eq!(part.within(&whole), 1000);
        assert!(whole.within(&part) < 200);
    }

    proptest! {
        #[test]
        fn alike_is_symmetric_bounded_and_whole_only_for_the_same(a in "[甲乙丙丁0a，]{0,30}", b in "[甲乙丙丁0a，]{0,30}") {
            let (a, b) = (Shingles::of(&a), Shingles::of(&b));
            prop_assert_eq!(a.alike(&b), b.alike(&a));
            prop_assert!(a.alike(&b) <= 1000);
            prop_assert!(a.alike(&b) <= a.within(&b));
            let same = a == b && a != Shingles::default();
            prop_assert_eq!(a.alike(&b) == 1000, same);
        }
    }
}
