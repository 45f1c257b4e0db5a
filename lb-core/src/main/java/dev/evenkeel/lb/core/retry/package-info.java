/**
 * Budgets that limit the further attempts of a pool, so that retries do not make an outage worse.
 *
 * <p>Knows nothing of HTTP: the code that repeats requests asks an
 * {@link dev.evenkeel.lb.core.retry.RetryBudget.Account}. Start reading at
 * {@link dev.evenkeel.lb.core.retry.RetryBudget}.
 */
@NullMarked
package dev.evenkeel.lb.core.retry;

import org.jspecify.annotations.NullMarked;
