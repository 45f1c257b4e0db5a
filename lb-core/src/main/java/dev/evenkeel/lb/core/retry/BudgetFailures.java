package dev.evenkeel.lb.core.retry;

import dev.evenkeel.lb.Outcome;

/**
 * Decides which outcomes are failures for budgets: also a refusal for want of capacity, which needs fewer attempts, not
 * more.
 */
final class BudgetFailures {
    private BudgetFailures() {}

    static boolean isFailure(Outcome outcome) {
        return outcome.isFailure() || outcome == Outcome.THROTTLED;
    }
}
