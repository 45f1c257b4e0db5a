/**
 * The way of one call: its attempts, their timeouts, retries and accounting.
 *
 * <p>Uses steering and pools; routing and hedging use it. Start reading at {@code RetryingCall}.
 */
@NullMarked
package dev.evenkeel.lb.okhttp.internal.call;

import org.jspecify.annotations.NullMarked;
