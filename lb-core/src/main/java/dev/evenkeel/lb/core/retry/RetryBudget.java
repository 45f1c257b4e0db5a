package dev.evenkeel.lb.core.retry;

import dev.evenkeel.lb.Outcome;

/**
 * Limits further attempts in proportion to the calls. Each pool at each client has an {@link Account} of its own.
 *
 * <p>Budgets are immutable and can be shared; accounts are thread-safe, take no lock and, while nothing fails, write nothing
 * that threads share. {@link RetryBudgets} makes them.
 */
public interface RetryBudget {

    /**
     * Opens the account of a pool.
     *
     * @param nowNanos the time, on the clock of all later calls
     * @return a new account
     */
    Account open(long nowNanos);

    /** The account of one pool. Thread-safe. */
    interface Account {

        /**
         * Records that a call begins.
         *
         * @param nowNanos the time
         */
        void callStarted(long nowNanos);

        /**
         * Asks for a further attempt of a call, and takes it from the account.
         *
         * @param failure how the previous attempt ended
         * @param nowNanos the time
         * @return whether it may be made; if so, {@link #attemptEnded} or {@link #giveBack} must be called
         */
        boolean tryRetry(Outcome failure, long nowNanos);

        /** Returns a further attempt that was granted but is not made. */
        void giveBack();

        /**
         * Records that an attempt has ended.
         *
         * @param outcome how it ended
         * @param retry whether it was a further one
         * @param nowNanos the time
         */
        void attemptEnded(Outcome outcome, boolean retry, long nowNanos);

        /**
         * The number of further attempts that could be made now.
         *
         * @param nowNanos the time
         * @return at least 0; {@link Integer#MAX_VALUE} without a limit
         */
        int left(long nowNanos);
    }
}
