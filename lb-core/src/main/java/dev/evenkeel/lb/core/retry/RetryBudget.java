package dev.evenkeel.lb.core.retry;

import dev.evenkeel.lb.Outcome;

/**
 * A rule for how many further attempts may be made, in proportion to the calls. Each pool at each client has an
 * {@link Account} of its own.
 *
 * <p>Budgets are immutable and can be shared; accounts are thread-safe, take no lock and, while nothing fails, write nothing
 * that threads share. {@link RetryBudgets} makes them.
 */
public interface RetryBudget {

    /**
     * Opens the account of a pool.
     *
     * @param nowNanos the time, on the clock that the account will be told of later
     * @return a new account
     */
    Account open(long nowNanos);

    /** What one pool has left. Thread-safe. */
    interface Account {

        /**
         * A call begins.
         *
         * @param nowNanos the time
         */
        void callStarted(long nowNanos);

        /**
         * Asks for a further attempt of a call, and takes it from the account.
         *
         * @param failure how the attempt before it ended
         * @param nowNanos the time
         * @return whether it may be made; then it is owed an {@link #attemptEnded} or a {@link #giveBack}
         */
        boolean tryRetry(Outcome failure, long nowNanos);

        /** A further attempt that was allowed is not made after all. */
        void giveBack();

        /**
         * An attempt has ended.
         *
         * @param outcome how
         * @param retry whether it was a further one
         * @param nowNanos the time
         */
        void attemptEnded(Outcome outcome, boolean retry, long nowNanos);

        /**
         * How many further attempts could be made now.
         *
         * @param nowNanos the time
         * @return at least 0; {@link Integer#MAX_VALUE} without a limit
         */
        int left(long nowNanos);
    }
}
