package dev.evenkeel.lb.okhttp.internal.document;

import dev.evenkeel.lb.core.internal.document.schema.Type;
import dev.evenkeel.lb.core.internal.document.schema.Types;
import dev.evenkeel.lb.okhttp.internal.http.BoundedRegex;
import java.util.regex.Pattern;

/** Regular expressions in documents. */
final class Regexes {
    private static final String FORM = "a regular expression of at most 1,000 characters";

    static final Type<BoundedRegex> BOUNDED = Types.parsed(FORM, BoundedRegex::of, BoundedRegex::text);

    /** For settings that take a compiled pattern and bound it themselves. */
    static final Type<Pattern> PATTERN =
            Types.parsed(FORM, text -> Pattern.compile(BoundedRegex.of(text).text()), Pattern::pattern);

    private Regexes() {}
}
