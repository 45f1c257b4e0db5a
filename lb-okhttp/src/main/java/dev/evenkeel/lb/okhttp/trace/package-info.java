/**
 * What a call can say of itself: its attempts, and why each backend was chosen.
 *
 * <p>Values alone. Start reading at {@code CallTrace}.
 */
@NullMarked
package dev.evenkeel.lb.okhttp.trace;

import org.jspecify.annotations.NullMarked;
