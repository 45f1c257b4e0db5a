/**
 * How many further attempts a pool may make, so that an outage is not made worse by them.
 *
 * <p>Knows nothing of HTTP: whoever repeats requests asks an {@link dev.evenkeel.lb.core.retry.RetryBudget.Account}.
 * Start reading at {@link dev.evenkeel.lb.core.retry.RetryBudget}.
 */
@NullMarked
package dev.evenkeel.lb.core.retry;

import org.jspecify.annotations.NullMarked;
