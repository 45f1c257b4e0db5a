package dev.evenkeel.lb;

import java.time.Duration;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * The result if no backend can be chosen, with the reasons.
 *
 * @param pool the pool's name
 * @param backends the number of backends that the pool has
 * @param reasons the number of backends that cannot be chosen, by reason
 * @param tried the backends that were tried in this call before
 * @param detail further information, such as a strategy's fault; may be empty
 * @param occupancy how full the pool is, if that is the only reason; null otherwise
 */
public record Unavailable(
        String pool,
        int backends,
        Map<Ineligibility, Integer> reasons,
        List<Backend> tried,
        String detail,
        @Nullable Occupancy occupancy)
        implements PickResult {

    public Unavailable {
        EnumMap<Ineligibility, Integer> copy = new EnumMap<>(Ineligibility.class);
        copy.putAll(reasons);
        reasons = Collections.unmodifiableMap(copy);
        tried = List.copyOf(tried);
    }

    /**
     * A result for another reason than want of room.
     *
     * @param pool the pool's name
     * @param backends the number of backends that the pool has
     * @param reasons the number of backends that cannot be chosen, by reason
     * @param tried the backends that were tried in this call before
     * @param detail further information; may be empty
     */
    public Unavailable(
            String pool, int backends, Map<Ineligibility, Integer> reasons, List<Backend> tried, String detail) {
        this(pool, backends, reasons, tried, detail, null);
    }

    /**
     * The same result for want of room.
     *
     * @param numbers how full the pool is
     * @return a copy
     */
    public Unavailable withOccupancy(Occupancy numbers) {
        return new Unavailable(pool, backends, reasons, tried, detail, numbers);
    }

    /**
     * The same result with more detail.
     *
     * @param more appended to the present detail; may be empty
     * @return this, or a copy
     */
    public Unavailable withDetail(String more) {
        if (more.isEmpty()) {
            return this;
        }
        String all = detail.isEmpty() ? more : detail + "; " + more;
        return new Unavailable(pool, backends, reasons, tried, all, occupancy);
    }

    /**
     * The whole result in one line: pool, number of backends, count per reason, tried backends.
     *
     * @return such as {@code pool "users" has no backend available: 3 backends (2 down, 1 draining)}
     */
    public String message() {
        StringBuilder text = new StringBuilder("pool \"").append(pool).append("\" has no backend available: ");
        if (backends == 0) {
            text.append("it has no backends");
        } else {
            text.append(backends).append(backends == 1 ? " backend" : " backends");
        }
        if (!reasons.isEmpty()) {
            StringJoiner joined = new StringJoiner(", ", " (", ")");
            reasons.forEach((reason, count) -> joined.add(count + " " + reason.text()));
            text.append(joined);
        }
        if (!detail.isEmpty()) {
            text.append("; ").append(detail);
        }
        if (occupancy != null) {
            text.append("; ").append(occupancy.text());
        }
        if (!tried.isEmpty()) {
            StringJoiner joined = new StringJoiner(", ", "; tried ", "");
            tried.forEach(backend -> joined.add(backend.id()));
            text.append(joined);
        }
        return text.toString();
    }

    /**
     * How full a pool was when it turned a request away for want of room.
     *
     * @param limit the most calls at one time: the pool's limit if that was reached, otherwise the sum of its open backends'
     *     limits; {@link Integer#MAX_VALUE} if one of these has none
     * @param inFlight calls that were in flight, in the pool or at these backends
     * @param queued requests that waited in the pool's queue
     * @param queueSize how many may wait; 0 without a queue
     * @param waited how long this request has waited
     */
    public record Occupancy(int limit, int inFlight, int queued, int queueSize, Duration waited) {

        /**
         * Whether a request that comes now may wait.
         *
         * @return true if there is a queue with room in it
         */
        public boolean mayWait() {
            return queued < queueSize;
        }

        /**
         * The numbers in words.
         *
         * @return such as {@code 100 of 100 calls in flight, 3 of 20 queued, waited PT1S}
         */
        public String text() {
            StringBuilder text = new StringBuilder().append(inFlight);
            if (limit != Integer.MAX_VALUE) {
                text.append(" of ").append(limit);
            }
            text.append(" calls in flight");
            if (queueSize > 0) {
                text.append(", ")
                        .append(queued)
                        .append(" of ")
                        .append(queueSize)
                        .append(" queued");
            }
            if (!waited.isZero()) {
                text.append(", waited ").append(waited);
            }
            return text.toString();
        }
    }
}
