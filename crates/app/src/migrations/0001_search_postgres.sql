CREATE TABLE search_index (
    document_id BIGINT PRIMARY KEY,
    terms TSVECTOR NOT NULL
);
CREATE INDEX search_index_terms ON search_index USING GIN (terms);
