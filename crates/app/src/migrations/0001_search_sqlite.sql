CREATE VIRTUAL TABLE search_index USING fts5 (
    terms, content='', contentless_delete=1, tokenize="unicode61 remove_diacritics 0"
);
