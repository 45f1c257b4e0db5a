/**
 * Logging with a bounded rate and without secrets and control characters; and containment of errors that application
 * code throws.
 *
 * <p>Depends on the public API only. Start reading at {@code LimitedLog}.
 */
@NullMarked
package dev.evenkeel.lb.core.internal.log;

import org.jspecify.annotations.NullMarked;
