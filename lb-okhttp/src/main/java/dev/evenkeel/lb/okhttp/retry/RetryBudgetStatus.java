package dev.evenkeel.lb.okhttp.retry;

/**
 * What is left of one client's budget for retries or hedges.
 *
 * @param pool the pool's name
 * @param route the name of the route whose own policy it belongs to; empty for the pool's own account
 * @param left how many further attempts could be made now; {@link Integer#MAX_VALUE} without a limit
 */
public record RetryBudgetStatus(String pool, String route, int left) {}
