package dev.evenkeel.lb;

import java.time.Duration;

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
            text.append(", ").append(queued).append(" of ").append(queueSize).append(" queued");
        }
        if (!waited.isZero()) {
            text.append(", waited ").append(waited);
        }
        return text.toString();
    }
}
