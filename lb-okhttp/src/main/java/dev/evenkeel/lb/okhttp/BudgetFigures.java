package dev.evenkeel.lb.okhttp;

/**
 * What is left of a retry budget at one client.
 *
 * @param pool the pool's name
 * @param route the name of the route whose retry policy it belongs to; empty for the pool's own account
 * @param left how many further attempts could be made now; {@link Integer#MAX_VALUE} without a limit
 */
public record BudgetFigures(String pool, String route, int left) {}
