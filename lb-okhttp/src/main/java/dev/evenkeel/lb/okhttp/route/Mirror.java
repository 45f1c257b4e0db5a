package dev.evenkeel.lb.okhttp.route;

import dev.evenkeel.lb.okhttp.internal.http.Preconditions;
import java.time.Duration;

/**
 * Copies requests to another pool and drops its responses.
 *
 * <p>A copy is sent beside the call, on a daemon thread of its own, over connections of its own, in one attempt. The
 * call does not wait for it and is not affected by it: the response is read to its end and dropped, cookies are not
 * kept, failures are counted ({@code LoadBalancing.mirrors}) and go to the accounts of the pool that it was sent
 * to. What cannot be copied is counted as skipped: a body that can be written only once, one that is longer than
 * {@code maxBodySize}, a WebSocket, and every request while {@code maxInFlight} copies are under way.
 *
 * @param pool the pool's name
 * @param percent how many requests of a hundred are copied, 0 to 100: of 100 successive ones exactly so many
 * @param maxInFlight how many copies there may be at a time, 1 to 10,000
 * @param timeout how long a copy may take, 1 ms to 24 hours
 * @param maxBodySize how long a copied body may be, in bytes, 0 to 64 MiB. It is held in memory, so that no two threads write it
 *     at once
 */
public record Mirror(String pool, int percent, int maxInFlight, Duration timeout, int maxBodySize) {

    /**
     * Checks.
     *
     * @throws IllegalArgumentException if something is out of range
     */
    public Mirror {
        Preconditions.notBlank(pool, "pool");
        Preconditions.within(percent, 0, 100, "percent");
        Preconditions.within(maxInFlight, 1, 10_000, "maxInFlight");
        Preconditions.duration(timeout, "timeout");
        Preconditions.within(maxBodySize, 0, 64 << 20, "maxBodySize");
    }

    /**
     * A copy of every request.
     *
     * @param pool the pool's name
     * @return the mirror: at most 100 copies at a time, 10 s each, with bodies of up to 1 MiB
     * @throws IllegalArgumentException if blank
     */
    public static Mirror to(String pool) {
        return new Mirror(pool, 100, 100, Duration.ofSeconds(10), 1 << 20);
    }

    /**
     * Sets how many requests are copied.
     *
     * @param percent 0 to 100
     * @return another mirror
     * @throws IllegalArgumentException if out of range
     */
    public Mirror percent(int percent) {
        return new Mirror(pool, percent, maxInFlight, timeout, maxBodySize);
    }

    /**
     * Sets how many copies there may be at a time.
     *
     * @param maxInFlight 1 to 10,000
     * @return another mirror
     * @throws IllegalArgumentException if out of range
     */
    public Mirror maxInFlight(int maxInFlight) {
        return new Mirror(pool, percent, maxInFlight, timeout, maxBodySize);
    }

    /**
     * Sets how long a copy may take.
     *
     * @param timeout 1 ms to 24 hours
     * @return another mirror
     * @throws IllegalArgumentException if out of range
     */
    public Mirror timeout(Duration timeout) {
        return new Mirror(pool, percent, maxInFlight, timeout, maxBodySize);
    }

    /**
     * Sets how long a copied body may be.
     *
     * @param maxBodySize in bytes, 0 to 64 MiB
     * @return another mirror
     * @throws IllegalArgumentException if out of range
     */
    public Mirror maxBodySize(int maxBodySize) {
        return new Mirror(pool, percent, maxInFlight, timeout, maxBodySize);
    }
}
