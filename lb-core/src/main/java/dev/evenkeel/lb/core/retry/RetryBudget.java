package dev.evenkeel.lb.core.retry;

import dev.evenkeel.lb.Outcome;

/**
 * A rule for how many further attempts may be made, in proportion to the calls. Each pool at each client has an
 * {@link Account} of its own.
 *
 * <p>Budgets are immutable and can be shared; accounts are thread-safe, take no lock and, while nothing fails, write nothing
 * that threads share.
 */
public interface RetryBudget {

    /**
     * The default: one further attempt for every ten calls and one a second, at most 100 saved up, which are there from the
     * start; none while failures prevail (gRPC's token gate: 100 tokens, a failure takes one, a success gives a tenth of one
     * back, at least 51 needed); after a timeout only while at most 2 % of the attempts of the last 5 s have failed, or 10 of
     * them. A total outage costs about fifty attempts, however long it lasts.
     *
     * @return the budget
     */
    static RetryBudget standard() {
        return new StandardBudget();
    }

    /**
     * A part of the calls, and so many per second: Finagle's {@code RetryBudget}, whose defaults are 20 % and 10 per second.
     * What is not used is saved up: what ten seconds and 10,000 calls give.
     *
     * @param percent of the calls, 0 to 1,000
     * @param perSecond at least 0
     * @return the budget
     * @throws IllegalArgumentException if a number is out of range
     */
    static RetryBudget percentOfCalls(double percent, double perSecond) {
        return new PercentOfCallsBudget(percent, perSecond);
    }

    /**
     * gRPC's retry throttling (gRFC A6): a failure takes a token, a success gives {@code tokenRatio} back, and no further
     * attempt is made unless more than half of the tokens are there.
     *
     * @param maxTokens 1 to 1,000
     * @param tokenRatio greater than 0, at most {@code maxTokens}; to three decimal places
     * @return the budget
     * @throws IllegalArgumentException if a number is out of range
     */
    static RetryBudget tokens(int maxTokens, double tokenRatio) {
        return new TokenBudget(maxTokens, tokenRatio);
    }

    /**
     * A part of the attempts in flight: Envoy's {@code retry_budget}, whose defaults are 20 % and 3.
     *
     * @param percent of the attempts in flight, 0 to 100
     * @param atLeast how many there may be in any case, at least 0
     * @return the budget
     * @throws IllegalArgumentException if a number is out of range
     */
    static RetryBudget percentInFlight(double percent, int atLeast) {
        return new InFlightBudget(percent, atLeast);
    }

    /**
     * No limit but the number of attempts of each call.
     *
     * @return the budget
     */
    static RetryBudget unlimited() {
        return UnlimitedBudget.INSTANCE;
    }

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
