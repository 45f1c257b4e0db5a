package dev.evenkeel.lb.okhttp;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Outcome;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a call did: which backends it was sent to, and how each attempt ended.
 *
 * @param pool the pool's name
 * @param attempts in the order in which they were made; empty if no backend could be chosen
 * @param route the name of the route that the request took; null if the pool's name was its host
 */
public record CallTrace(
        String pool, List<Attempt> attempts, @Nullable String route) {

    /**
     * A trace without a route.
     *
     * @param pool the pool's name
     * @param attempts in the order in which they were made
     */
    public CallTrace(String pool, List<Attempt> attempts) {
        this(pool, attempts, null);
    }

    public CallTrace {
        attempts = List.copyOf(attempts);
    }

    /**
     * One attempt.
     *
     * @param backend the backend it went to
     * @param outcome how it ended; null while the response is being read
     * @param duration from the choice of the backend to the end, or to now
     * @param reason why it ended so: a status such as {@code HTTP 503}, or the exception in words; empty while nothing is
     *     known
     */
    public record Attempt(Backend backend, @Nullable Outcome outcome, Duration duration, String reason) {}
}
