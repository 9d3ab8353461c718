//! Tidying of text that was typed by hand or came through a spreadsheet.

/// The half-width form of one character: full-width ASCII (`！` to `～`) and the ideographic space.
pub(crate) fn half(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        '\u{3000}' => ' ',
        other => other,
    }
}

/// Whether a character takes no room on the screen: Unicode's Default_Ignorable_Code_Point (zero-width and
/// direction marks, fillers, variation selectors, tags), and beside it the marks of annotations and the blank
/// Braille pattern. Left in a text, they make two of what looks like one, and hide digits from [`crate::find`].
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        | '\u{2800}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}'
        | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

/// Whether a character is a Chinese one (a Han ideograph or `〇`), or a variant selector after one.
fn is_han(c: char) -> bool {
    matches!(c,
        '\u{2E80}'..='\u{2FDF}' | '\u{3005}' | '\u{3007}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}'
        | '\u{E000}'..='\u{F8FF}' | '\u{F900}'..='\u{FAFF}' | '\u{FE00}'..='\u{FE0F}'
        | '\u{20000}'..='\u{3FFFD}' | '\u{E0100}'..='\u{E01EF}')
}

/// Full-width ASCII (`！` to `～`) and the ideographic space become half-width; the rest is kept.
#[must_use]
pub fn halfwidth(text: &str) -> String {
    text.chars().map(half).collect()
}

/// For ids, phones, and codes: half-width, and without any white space, invisible or control characters.
#[must_use]
pub fn squash(text: &str) -> String {
    text.chars().map(half).filter(|c| !c.is_whitespace() && !c.is_control() && !is_invisible(*c)).collect()
}

/// The plainest form of every character (Unicode NFKC): `①` and `𝟏` become `1`, `⑴` becomes `(1)`, `㈠` becomes `(一)`.
/// For numbers; prose would lose what its writer meant.
#[must_use]
pub fn compatible(text: &str) -> String {
    unicode_normalization::UnicodeNormalization::nfkc(text).collect()
}

/// Without the apostrophe that spreadsheets put in front of a number kept as text.
pub(crate) fn without_apostrophe(text: &str) -> &str {
    text.trim_start_matches(['\'', '`', '\u{2018}', '\u{2019}'])
}

/// For prose: Chinese punctuation is kept; full-width digits and Latin letters become half-width.
///
/// Control characters and all that cannot be seen are dropped. Runs of blanks (also U+3000, NBSP, and tabs) become
/// one blank, and none is left beside a line end. Every kind of line end becomes `\n`. The whole is trimmed.
#[must_use]
pub fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut newlines = 0_usize;
    let mut blank = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' => {
                chars.next_if_eq(&'\n');
                newlines += 1;
            }
            '\n' | '\u{B}' | '\u{C}' | '\u{85}' | '\u{2028}' | '\u{2029}' => newlines += 1,
            _ if c.is_whitespace() => blank = true,
            _ if c.is_control() || is_invisible(c) => {}
            _ => {
                if !out.is_empty() {
                    if newlines > 0 {
                        out.extend(std::iter::repeat_n('\n', newlines));
                    } else if blank {
                        out.push(' ');
                    }
                }
                newlines = 0;
                blank = false;
                let narrow = half(c);
                out.push(if narrow.is_ascii_alphanumeric() { narrow } else { c });
            }
        }
    }
    out
}

/// A person's name: [`clean`] on one line, with the blanks inside a purely Chinese name removed.
///
/// The middle dot of minority names is always `·` (U+00B7), whichever look-alike was typed; a full stop counts
/// as one only between two Chinese characters. Latin names keep single blanks.
#[must_use]
pub fn person_name(text: &str) -> String {
    let line = clean(text).replace('\n', " ");
    let chinese = line.chars().any(is_han)
        && line.chars().all(|c| is_han(c) || c == ' ' || is_middle_dot(c) || is_full_stop(c));
    let chars: Vec<char> = line.chars().filter(|c| !(chinese && *c == ' ')).collect();
    let mut out = String::with_capacity(line.len());
    for (i, &c) in chars.iter().enumerate() {
        let han_at = |at: Option<usize>| at.and_then(|at| chars.get(at)).is_some_and(|c| is_han(*c));
        let between = || han_at(i.checked_sub(1)) && han_at(Some(i + 1));
        if is_middle_dot(c) || (is_full_stop(c) && between()) {
            out.push('\u{B7}');
        } else if c != ' ' || !out.ends_with(' ') {
            out.push(c);
        }
    }
    out
}

fn is_middle_dot(c: char) -> bool {
    matches!(
        c,
        '\u{B7}'
            | '\u{387}'
            | '\u{2022}'
            | '\u{2027}'
            | '\u{2219}'
            | '\u{22C5}'
            | '\u{30FB}'
            | '\u{FF65}'
            | '\u{2E31}'
    )
}

fn is_full_stop(c: char) -> bool {
    matches!(c, '.' | '\u{FF0E}')
}

/// Whether a character (already half-width) is one of the many dashes that people type.
pub(crate) fn is_dash(c: char) -> bool {
    matches!(
        c,
        '-' | '_' | '~' | '\u{AF}' | '\u{2010}'
            ..='\u{2015}'
                | '\u{2043}'
                | '\u{2212}'
                | '\u{2500}'
                | '\u{2501}'
                | '\u{2E3A}'
                | '\u{2E3B}'
                | '\u{30FC}'
                | '\u{FE58}'
                | '\u{FE63}'
                | '\u{FF70}'
    )
}
