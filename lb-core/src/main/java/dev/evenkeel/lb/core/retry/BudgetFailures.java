package dev.evenkeel.lb.core.retry;

import dev.evenkeel.lb.Outcome;

/**
 * What counts as a failure for budgets: also a refusal for want of capacity, which calls for fewer attempts, not more.
 */
final class BudgetFailures {
    private BudgetFailures() {}

    static boolean isFailure(Outcome outcome) {
        return outcome.isFailure() || outcome == Outcome.THROTTLED;
    }
}
