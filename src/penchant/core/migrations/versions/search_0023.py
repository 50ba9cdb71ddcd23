"""What search asks: words of videos that are ready, their spelling, hashtags; the database keeps them itself."""

from alembic import op

revision = "0023"
down_revision = "0022"

_FUNCTIONS = r"""
-- Bodies in the standard's form keep what they refer to by number, as a restore has no search path. Only such are
-- in indexes.
CREATE FUNCTION search_plain(written text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN btrim(regexp_replace(
    lower(unaccent('unaccent'::regdictionary, normalize(written, NFKC))),
    -- Chinese and Japanese are written without spaces: each character is a word.
    U&'([\3040-\30FF\3400-\4DBF\4E00-\9FFF\F900-\FAFF])', ' \1 ', 'g'
));
-- Trigrams know the letters of the server's locale alone, so those of other scripts become some of a to z.
CREATE FUNCTION search_spelling(plain text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE WHEN octet_length(plain) = length(plain) THEN plain ELSE (
    SELECT string_agg(CASE WHEN ascii(letter) < 128 THEN letter ELSE chr(97 + ascii(letter) % 26) END, '' ORDER BY at)
    FROM regexp_split_to_table(plain, '') WITH ORDINALITY AS letters (letter, at)
) END;
CREATE FUNCTION search_tier(likes integer) RETURNS integer LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE WHEN likes < 1 THEN 0 ELSE least(5, 1 + floor(log(8.0, likes))::integer) END;
CREATE FUNCTION search_language(tag text) RETURNS regconfig LANGUAGE sql STABLE PARALLEL SAFE
RETURN coalesce(
    (
        SELECT oid::regconfig FROM pg_ts_config WHERE cfgnamespace = 'pg_catalog'::regnamespace AND cfgname =
        CASE split_part(lower(tag), '-', 1)
            WHEN 'ar' THEN 'arabic' WHEN 'hy' THEN 'armenian' WHEN 'eu' THEN 'basque' WHEN 'ca' THEN 'catalan'
            WHEN 'da' THEN 'danish' WHEN 'nl' THEN 'dutch' WHEN 'en' THEN 'english' WHEN 'et' THEN 'estonian'
            WHEN 'fi' THEN 'finnish' WHEN 'fr' THEN 'french' WHEN 'de' THEN 'german' WHEN 'el' THEN 'greek'
            WHEN 'hi' THEN 'hindi' WHEN 'hu' THEN 'hungarian' WHEN 'id' THEN 'indonesian' WHEN 'ga' THEN 'irish'
            WHEN 'it' THEN 'italian' WHEN 'lt' THEN 'lithuanian' WHEN 'ne' THEN 'nepali' WHEN 'nb' THEN 'norwegian'
            WHEN 'nn' THEN 'norwegian' WHEN 'no' THEN 'norwegian' WHEN 'pt' THEN 'portuguese' WHEN 'ro' THEN 'romanian'
            WHEN 'ru' THEN 'russian' WHEN 'sr' THEN 'serbian' WHEN 'es' THEN 'spanish' WHEN 'sv' THEN 'swedish'
            WHEN 'ta' THEN 'tamil' WHEN 'tr' THEN 'turkish' WHEN 'yi' THEN 'yiddish'
        END
    ),
    'pg_catalog.simple'::regconfig
);
CREATE FUNCTION search_document(title text, hashtags text[], alt_text text, language text, likes integer)
RETURNS tsvector LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    own regconfig := search_language(language);
    heading text := search_plain(title);
    tags text := search_plain(array_to_string(hashtags, ' '));
    seen text := search_plain(alt_text);
BEGIN
    RETURN setweight(to_tsvector('simple', heading) || to_tsvector(own, heading), 'A')
        || setweight(to_tsvector('simple', tags) || to_tsvector(own, tags), 'B')
        || setweight(to_tsvector('simple', seen) || to_tsvector(own, seen), 'C')
        -- No word has a space in it.
        || array_to_tsvector(ARRAY['worth ' || search_tier(likes)]);
END $$;
CREATE FUNCTION search_query(wanted text, language text) RETURNS tsquery LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    own regconfig := search_language(language);
    word text;
    exact tsquery;
    stem tsquery;
    every tsquery := '';
    kept tsquery := '';
BEGIN
    FOREACH word IN ARRAY regexp_split_to_array(search_plain(wanted), '\s+') LOOP
        exact := plainto_tsquery('simple', word);
        stem := plainto_tsquery(own, word);
        every := every && exact;
        IF numnode(stem) > 0 THEN
            kept := kept && CASE WHEN stem = exact THEN exact ELSE exact || stem END;
        END IF;
    END LOOP;
    -- Words such as "the" count where there are no others.
    RETURN CASE WHEN numnode(kept) > 0 THEN kept ELSE every END;
END $$;
"""

_TABLES = """
CREATE TABLE video_words (
    video_id BIGINT NOT NULL,
    words TSVECTOR NOT NULL,
    CONSTRAINT pk_video_words PRIMARY KEY (video_id),
    CONSTRAINT fk_video_words_video_id_videos FOREIGN KEY(video_id) REFERENCES videos (id) ON DELETE CASCADE
);
CREATE TABLE vocabulary (
    word TEXT NOT NULL,
    spelling TEXT NOT NULL,
    CONSTRAINT pk_vocabulary PRIMARY KEY (word)
);
CREATE TABLE video_hashtags (
    tag TEXT NOT NULL,
    video_id BIGINT NOT NULL,
    CONSTRAINT pk_video_hashtags PRIMARY KEY (tag, video_id),
    CONSTRAINT fk_video_hashtags_video_id_videos FOREIGN KEY(video_id) REFERENCES videos (id) ON DELETE CASCADE
);
CREATE TABLE hashtags (
    tag TEXT NOT NULL,
    plain TEXT NOT NULL,
    spelling TEXT NOT NULL,
    uses INTEGER NOT NULL,
    CONSTRAINT pk_hashtags PRIMARY KEY (tag)
);
"""

_INDEXES = """
CREATE INDEX ix_video_words_words ON video_words USING gin (words) WITH (fastupdate = off);
CREATE INDEX ix_vocabulary_spelling ON vocabulary USING gin (spelling gin_trgm_ops);
CREATE INDEX ix_vocabulary_word_prefix ON vocabulary (word text_pattern_ops);
CREATE INDEX ix_video_hashtags_video_id ON video_hashtags (video_id);
CREATE INDEX ix_hashtags_spelling ON hashtags USING gin (spelling gin_trgm_ops);
CREATE INDEX ix_hashtags_plain ON hashtags (plain text_pattern_ops);
CREATE INDEX ix_accounts_spelling ON accounts
    USING gin (search_spelling(search_plain((handle || ' '::text) || name)) gin_trgm_ops);
CREATE INDEX ix_accounts_handle_prefix ON accounts (handle text_pattern_ops);
CREATE INDEX ix_sounds_spelling ON sounds USING gin (search_spelling(search_plain(title)) gin_trgm_ops);
"""

_TRIGGERS = r"""
CREATE FUNCTION search_follow_video() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> 'ready' THEN
        DELETE FROM video_words WHERE video_id = NEW.id;
        DELETE FROM video_hashtags WHERE video_id = NEW.id;
        RETURN NULL;
    END IF;
    INSERT INTO video_words (video_id, words)
    VALUES (NEW.id, search_document(NEW.title, NEW.hashtags, NEW.alt_text, NEW.language, NEW.like_count))
    ON CONFLICT (video_id) DO UPDATE SET words = excluded.words;
    DELETE FROM video_hashtags WHERE video_id = NEW.id AND tag <> ALL (NEW.hashtags);
    INSERT INTO video_hashtags (tag, video_id) SELECT tag, NEW.id FROM unnest(NEW.hashtags) AS tags (tag)
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER search_new AFTER INSERT ON videos FOR EACH ROW WHEN (NEW.state = 'ready')
    EXECUTE FUNCTION search_follow_video();
CREATE TRIGGER search_changed AFTER UPDATE OF title, hashtags, alt_text, language, state, like_count ON videos
    FOR EACH ROW WHEN (
        (OLD.state = 'ready') <> (NEW.state = 'ready')
        OR (NEW.state = 'ready' AND (
            (OLD.title, OLD.hashtags, OLD.alt_text, OLD.language)
            IS DISTINCT FROM (NEW.title, NEW.hashtags, NEW.alt_text, NEW.language)
            OR search_tier(OLD.like_count) <> search_tier(NEW.like_count)
        ))
    ) EXECUTE FUNCTION search_follow_video();

CREATE FUNCTION search_learn_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- In one order, so that two who publish at once do not wait for each other in a circle.
    INSERT INTO vocabulary (word, spelling)
    SELECT word, search_spelling(word)
    FROM (SELECT DISTINCT unnest(tsvector_to_array(words)) AS word FROM new_rows) AS found
    WHERE word ~ '^[^[:space:][:punct:]]{3,40}$' ORDER BY word
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE FUNCTION search_forget_words() RETURNS trigger LANGUAGE plpgsql
-- What is asked is whether there is one, so the index need not say where all of them are.
SET enable_seqscan = off SET gin_fuzzy_search_limit = 1000 AS $$
DECLARE
    gone text[];
BEGIN
    IF TG_OP = 'UPDATE' THEN
        gone := ARRAY(
            SELECT unnest(tsvector_to_array(words)) FROM old_rows
            EXCEPT SELECT unnest(tsvector_to_array(words)) FROM new_rows
        );
    ELSE
        gone := ARRAY(SELECT DISTINCT unnest(tsvector_to_array(words)) FROM old_rows);
    END IF;
    DELETE FROM vocabulary WHERE word IN (
        SELECT word FROM vocabulary WHERE word = ANY (gone)
        AND NOT EXISTS (SELECT FROM video_words WHERE video_words.words @@ quote_literal(vocabulary.word)::tsquery)
        ORDER BY word FOR UPDATE
    );
    RETURN NULL;
END $$;
CREATE TRIGGER search_learn AFTER INSERT ON video_words REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION search_learn_words();
CREATE TRIGGER search_learn_more AFTER UPDATE ON video_words REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION search_learn_words();
CREATE TRIGGER search_forget_some AFTER UPDATE ON video_words REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION search_forget_words();
CREATE TRIGGER search_forget AFTER DELETE ON video_words REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION search_forget_words();

CREATE FUNCTION search_count_hashtags() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO hashtags (tag, plain, spelling, uses)
    SELECT tag, search_plain(replace(tag, '_', '')), search_spelling(search_plain(replace(tag, '_', ''))), count(*)
    FROM new_rows GROUP BY tag ORDER BY tag
    ON CONFLICT (tag) DO UPDATE SET uses = hashtags.uses + excluded.uses;
    RETURN NULL;
END $$;
CREATE FUNCTION search_discount_hashtags() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM hashtags WHERE tag IN (SELECT tag FROM old_rows) ORDER BY tag FOR UPDATE;
    UPDATE hashtags SET uses = hashtags.uses - gone.uses
    FROM (SELECT tag, count(*) AS uses FROM old_rows GROUP BY tag) AS gone WHERE hashtags.tag = gone.tag;
    DELETE FROM hashtags WHERE uses < 1 AND tag IN (SELECT tag FROM old_rows);
    RETURN NULL;
END $$;
CREATE TRIGGER search_count AFTER INSERT ON video_hashtags REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION search_count_hashtags();
CREATE TRIGGER search_discount AFTER DELETE ON video_hashtags REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION search_discount_hashtags();
"""

_FILL = """
INSERT INTO video_words (video_id, words)
SELECT id, search_document(title, hashtags, alt_text, language, like_count) FROM videos WHERE state = 'ready';
INSERT INTO video_hashtags (tag, video_id)
SELECT DISTINCT tag, id FROM videos CROSS JOIN unnest(hashtags) AS tags (tag) WHERE state = 'ready';
"""


def upgrade() -> None:
    """Functions, tables, triggers, which fill in what follows from what is there, indexes."""
    for part in (_FUNCTIONS, _TABLES, _TRIGGERS, _FILL, _INDEXES):
        op.execute(part)


def downgrade() -> None:
    """Restoring a backup is the way back."""
    raise NotImplementedError("go back by restoring a backup")
