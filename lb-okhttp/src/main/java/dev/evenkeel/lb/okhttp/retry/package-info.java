/**
 * Retries, hedging and the classification of outcomes.
 *
 * <p>Policies that callers set; {@code okhttp.internal.call} and {@code okhttp.internal.hedging} apply them. Start
 * reading at {@code RetryPolicy}.
 */
@NullMarked
package dev.evenkeel.lb.okhttp.retry;

import org.jspecify.annotations.NullMarked;
