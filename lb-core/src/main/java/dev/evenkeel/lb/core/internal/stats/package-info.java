/**
 * Live statistics of a pool and its backends that strategies use: calls in flight and their age, latency, failures.
 *
 * <p>Any thread writes and reads them on the call path, without a lock or an allocation. Counts are exact; an average
 * may lose an update to a race, but stays a valid number. Start reading at {@code BackendStats}.
 */
@NullMarked
package dev.evenkeel.lb.core.internal.stats;

import org.jspecify.annotations.NullMarked;
