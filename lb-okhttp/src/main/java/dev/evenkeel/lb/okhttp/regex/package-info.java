/**
 * Regular expressions of a configuration, which run over what strangers send: each search has a bound. Depends on the JDK
 * alone. Start reading at {@link dev.evenkeel.lb.okhttp.regex.BoundedRegex}.
 */
@NullMarked
package dev.evenkeel.lb.okhttp.regex;

import org.jspecify.annotations.NullMarked;
