package dev.evenkeel.lb.okhttp.document;

import dev.evenkeel.lb.core.config.form.Type;
import dev.evenkeel.lb.core.config.form.Types;
import dev.evenkeel.lb.okhttp.route.BoundedRegex;
import java.util.regex.Pattern;

/** Regular expressions in documents. */
final class Regexes {
    private static final String FORM = "a regular expression of at most 1,000 characters";

    static final Type<BoundedRegex> BOUNDED = Types.parsed(FORM, BoundedRegex::of, BoundedRegex::text);

    /** For what takes any pattern. The length is bounded all the same: to compile one takes stack. */
    static final Type<Pattern> PATTERN =
            Types.parsed(FORM, text -> Pattern.compile(BoundedRegex.of(text).text()), Pattern::pattern);

    private Regexes() {}
}
