package dev.evenkeel.lb.core.internal.strategy.adaptive;

import dev.evenkeel.lb.core.internal.strategy.support.CoarseClock;

/**
 * N of the cost: a backend that joins a pool at work counts as twice as expensive until a random one of the pool's next 4·n
 * turns, until two seconds have passed at most, or until it has answered.
 *
 * <p>All clients of a fleet hear of a new backend at the same time, and for each of them it is the backend that has waited
 * longest. Without this term a hundred clients send their first calls within half a second, to a server whose caches and
 * JVM are cold, and those calls time out in its queue. With it, all first calls together are a quarter of the backend's
 * usual load, however many clients there are. Where all other backends are busy, the new one is used at once.
 */
final class FirstCallSpread {

    static final float FACTOR = 2;

    private static final int MAX_ROUNDS = 4;
    private static final int MAX_TICKS = CoarseClock.ofMillis(2_000);

    private FirstCallSpread() {}

    /**
     * How long the term lasts, in turns: uniform over four rounds.
     *
     * @param phase exponential with mean 1
     */
    static int turns(float phase, int candidates) {
        return (int) (MAX_ROUNDS * candidates * Math.exp(-phase));
    }

    /** How long it lasts at most, in ticks of {@link CoarseClock}: uniform over two seconds. */
    static int ticks(float phase) {
        return (int) (MAX_TICKS * Math.exp(-phase));
    }
}
