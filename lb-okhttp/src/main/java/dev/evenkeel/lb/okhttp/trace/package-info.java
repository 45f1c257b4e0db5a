/**
 * Traces of calls: their attempts, and why each backend was chosen.
 *
 * <p>Values only. Start reading at {@code CallTrace}.
 */
@NullMarked
package dev.evenkeel.lb.okhttp.trace;

import org.jspecify.annotations.NullMarked;
