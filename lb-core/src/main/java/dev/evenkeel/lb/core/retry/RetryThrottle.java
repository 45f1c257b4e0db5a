package dev.evenkeel.lb.core.retry;

import dev.evenkeel.lb.Outcome;
import java.util.concurrent.atomic.AtomicInteger;

/** gRPC's throttle (gRFC A6): closed while at most half of the tokens are left. Counts in thousandths of a token. */
final class RetryThrottle {
    private static final int ONE = 1_000;

    private final int most;
    private final int gain;
    private final AtomicInteger tokens;

    RetryThrottle(int maxTokens, double tokenRatio) {
        this.most = maxTokens * ONE;
        this.gain = (int) Math.round(tokenRatio * ONE);
        this.tokens = new AtomicInteger(most);
    }

    boolean isOpen() {
        return tokens.get() > most / 2;
    }

    void ended(Outcome outcome) {
        if (outcome == Outcome.SUCCESS) {
            if (tokens.get() < most) {
                add(gain);
            }
        } else if (BudgetFailures.isFailure(outcome)) {
            add(-ONE);
        }
    }

    private void add(int change) {
        int before;
        int after;
        do {
            before = tokens.get();
            after = Math.max(0, Math.min(most, before + change));
        } while (after != before && !tokens.compareAndSet(before, after));
    }

    /** The number of further failures until it closes. */
    int left() {
        return Math.max(0, (tokens.get() - most / 2 + ONE - 1) / ONE);
    }
}
