/// Makes a text safe to export into CSV: one that a spreadsheet would take for a formula (`=`, `+`, `-`, `@`, a tab or a
/// carriage return first) gets a leading apostrophe. See OWASP, “CSV Injection”.
pub fn export_guard(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_become_text() {
        for text in ["=1+1", "+86", "-1", "@SUM(A1)", "\t=1", "\r=1"] {
            assert_eq!(export_guard(text), format!("'{text}"));
        }
        assert_eq!(export_guard("安澜县"), "安澜县");
        assert_eq!(export_guard(""), "");
    }
}
