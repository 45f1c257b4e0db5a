/**
 * What is written to the log: bounded in rate, free of secrets and control characters; and the containment of errors
 * that the application's code throws.
 *
 * <p>Depends on the public API alone. Start reading at {@code LimitedLog}.
 */
@NullMarked
package dev.evenkeel.lb.core.internal.log;

import org.jspecify.annotations.NullMarked;
