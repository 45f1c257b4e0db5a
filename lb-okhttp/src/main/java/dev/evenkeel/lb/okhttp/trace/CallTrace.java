package dev.evenkeel.lb.okhttp.trace;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Outcome;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a call did: which backends it was sent to, and how each attempt ended. The trace of a hedged call has the attempts
 * of both requests.
 *
 * @param pool the pool's name
 * @param attempts in the order in which they were made; empty if no backend could be chosen
 * @param route the name of the route that the request took; null if the pool's name was its host
 * @param strategy the name of the pool's strategy; null if it is not known
 */
public record CallTrace(
        String pool,
        List<AttemptTrace> attempts,
        @Nullable String route,
        @Nullable String strategy) {

    /**
     * A trace without a route, of a pool whose strategy is not known.
     *
     * @param pool the pool's name
     * @param attempts in the order in which they were made
     */
    public CallTrace(String pool, List<AttemptTrace> attempts) {
        this(pool, attempts, null, null);
    }

    public CallTrace {
        attempts = List.copyOf(attempts);
    }

    /**
     * The trace as attributes of a span, with names of OpenTelemetry where it has them; see {@code docs/tracing.md}. Neither
     * {@code server.address} nor {@code server.port} is among them: these are the URL's.
     *
     * @return {@code evenkeel.pool}, {@code evenkeel.strategy} and {@code evenkeel.route} if there is one,
     *     {@code evenkeel.attempts}, and after an attempt those of the last one (of a hedged call, of the last that was
     *     not cancelled), its number from 1 as {@code evenkeel.attempt}, and {@code http.request.resend_count} if it is
     *     not the first; the values are strings, longs and booleans
     */
    public Map<String, Object> attributes() {
        Map<String, Object> attributes = new LinkedHashMap<>();
        attributes.put("evenkeel.pool", pool);
        if (strategy != null) {
            attributes.put("evenkeel.strategy", strategy);
        }
        if (route != null) {
            attributes.put("evenkeel.route", route);
        }
        attributes.put("evenkeel.attempts", (long) attempts.size());
        if (attempts.size() > 1) {
            attributes.put("http.request.resend_count", attempts.size() - 1L);
        }
        if (!attempts.isEmpty()) {
            int decisive = decisive();
            attributes.put("evenkeel.attempt", decisive + 1L);
            attributes.putAll(attempts.get(decisive).attributes());
        }
        return Collections.unmodifiableMap(attributes);
    }

    /** The index of the attempt that ended the call: the last one, but not one of the request that lost a race. */
    private int decisive() {
        int last = attempts.size() - 1;
        if (attempts.stream().anyMatch(AttemptTrace::hedge)) {
            for (int i = 0; i < attempts.size(); i++) {
                last = attempts.get(i).outcome() == Outcome.CANCELLED ? last : i;
            }
        }
        return last;
    }

    /**
     * One attempt.
     *
     * @param backend the backend it went to
     * @param outcome how it ended; null while the response is being read
     * @param duration from the choice of the backend to the end, or to now
     * @param reason why it ended so: a status such as {@code HTTP 503}, or the exception in words; empty while nothing
     *     is known
     * @param hedge whether it is of the second request of a hedged call
     */
    public record AttemptTrace(
            Backend backend, @Nullable Outcome outcome, Duration duration, String reason, boolean hedge) {

        /**
         * The attempt as attributes of a span or of an event on it.
         *
         * @return {@code network.peer.address}, {@code network.peer.port}, {@code evenkeel.backend}, {@code evenkeel.zone} if it
         *     has one, and {@code evenkeel.outcome} and {@code evenkeel.reason} as soon as there is one; the values are
         *     strings and longs
         */
        public Map<String, Object> attributes() {
            Map<String, Object> attributes = new LinkedHashMap<>();
            attributes.put("network.peer.address", backend.host());
            attributes.put("network.peer.port", (long) backend.port());
            attributes.put("evenkeel.backend", backend.id());
            if (backend.zone() != null) {
                attributes.put("evenkeel.zone", backend.zone());
            }
            if (hedge) {
                attributes.put("evenkeel.hedge", true);
            }
            if (outcome != null) {
                attributes.put("evenkeel.outcome", outcome.name().toLowerCase(Locale.ROOT));
            }
            if (!reason.isEmpty()) {
                attributes.put("evenkeel.reason", reason);
            }
            return Collections.unmodifiableMap(attributes);
        }
    }
}
