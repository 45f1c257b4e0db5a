package dev.evenkeel.lb.core.retry;

import java.util.concurrent.atomic.AtomicLong;

/**
 * A token bucket that calls and time fill. Counts in thousandths of an attempt. While it is full, a call only reads it.
 */
final class TokenBucket {
    private static final long ONE = 1_000;
    private static final double NANOS_PER_SECOND = 1e9;

    private final long most;
    private final long perCall;
    private final double perNano;
    private final AtomicLong balance;
    /** The time up to which tokens were added. */
    private final AtomicLong paidNanos;

    TokenBucket(double percentOfCalls, double perSecond, double most, double initial, long nowNanos) {
        this.most = Math.round(most * ONE);
        this.perCall = Math.round(percentOfCalls / 100 * ONE);
        this.perNano = perSecond * ONE / NANOS_PER_SECOND;
        this.balance = new AtomicLong(Math.round(initial * ONE));
        this.paidNanos = new AtomicLong(nowNanos);
    }

    void callStarted() {
        if (perCall > 0 && balance.get() < most) {
            add(perCall);
        }
    }

    boolean take(long nowNanos) {
        payForTime(nowNanos);
        long before;
        do {
            before = balance.get();
            if (before < ONE) {
                return false;
            }
        } while (!balance.compareAndSet(before, before - ONE));
        return true;
    }

    void giveBack() {
        add(ONE);
    }

    int left(long nowNanos) {
        payForTime(nowNanos);
        return (int) Math.min(Integer.MAX_VALUE, balance.get() / ONE);
    }

    private void payForTime(long nowNanos) {
        long from = paidNanos.get();
        long amount = (long) Math.min((double) most, Math.max(0, nowNanos - from) * perNano);
        if (amount > 0 && paidNanos.compareAndSet(from, amount >= most ? nowNanos : from + (long) (amount / perNano))) {
            add(amount);
        }
    }

    private void add(long amount) {
        long before;
        long after;
        do {
            before = balance.get();
            after = Math.min(most, before + amount);
        } while (after > before && !balance.compareAndSet(before, after));
    }
}
