package dev.evenkeel.lb.okhttp.document;

import dev.evenkeel.lb.core.config.form.Type;
import dev.evenkeel.lb.core.config.form.Types;
import dev.evenkeel.lb.okhttp.regex.BoundedRegex;
import java.util.regex.Pattern;

/** Regular expressions in documents. */
final class Regexes {
    private static final String FORM = "a regular expression of at most 1,000 characters";

    static final Type<BoundedRegex> BOUNDED = Types.parsed(FORM, BoundedRegex::of, BoundedRegex::text);

    /** For what takes a compiled pattern, and bounds it by itself. */
    static final Type<Pattern> PATTERN =
            Types.parsed(FORM, text -> Pattern.compile(BoundedRegex.of(text).text()), Pattern::pattern);

    private Regexes() {}
}
