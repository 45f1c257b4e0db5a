package dev.evenkeel.lb.core.retry;

/** Makes retry budgets. */
public final class RetryBudgets {

    private RetryBudgets() {}

    /**
     * The default: one further attempt for every ten calls and one a second, at most 100 saved up, which are there from the
     * start; none while failures prevail (gRPC's token gate: 100 tokens, a failure takes one, a success gives a tenth of one
     * back, at least 51 needed); after a timeout only while at most 2 % of the attempts of the last 5 s have failed, or 10 of
     * them. A total outage costs about fifty attempts, however long it lasts.
     *
     * @return the budget
     */
    public static RetryBudget standard() {
        return StandardBudget.INSTANCE;
    }

    /**
     * A part of the calls, and so many per second: Finagle's {@code RetryBudget}, whose defaults are 20 % and 10 per second.
     * What is not used is saved up: what ten seconds and 10,000 calls give.
     *
     * @param percent of the calls, 0 to 1,000
     * @param minRetriesPerSecond at least 0
     * @return the budget
     * @throws IllegalArgumentException if a number is out of range
     */
    public static RetryBudget percentOfCalls(double percent, double minRetriesPerSecond) {
        return new PercentOfCallsBudget(percent, minRetriesPerSecond);
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
    public static RetryBudget tokens(int maxTokens, double tokenRatio) {
        return new TokenBudget(maxTokens, tokenRatio);
    }

    /**
     * A part of the attempts in flight: Envoy's {@code retry_budget}, whose defaults are 20 % and 3.
     *
     * @param percent of the attempts in flight, 0 to 100
     * @param minRetries how many there may be in any case, at least 0
     * @return the budget
     * @throws IllegalArgumentException if a number is out of range
     */
    public static RetryBudget percentInFlight(double percent, int minRetries) {
        return new InFlightBudget(percent, minRetries);
    }

    /**
     * No limit but the number of attempts of each call.
     *
     * @return the budget
     */
    public static RetryBudget unlimited() {
        return UnlimitedBudget.INSTANCE;
    }
}
