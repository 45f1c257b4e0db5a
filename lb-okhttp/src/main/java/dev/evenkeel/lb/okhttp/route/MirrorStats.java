package dev.evenkeel.lb.okhttp.route;

/**
 * The counts of copies of a route's mirror.
 *
 * @param route the route's name
 * @param pool the pool's name that they were sent to
 * @param succeeded answered with a status below 500, and read to the end
 * @param failed answered otherwise, or not at all
 * @param skipped not sent: too many under way, or the request cannot be copied
 * @param inFlight under way
 */
public record MirrorStats(String route, String pool, long succeeded, long failed, long skipped, int inFlight) {}
