/**
 * The live figures of a pool and its backends that strategies steer by: calls in flight and their age, latency, failures.
 *
 * <p>Written and read on the call path by any thread: no lock, no allocation. Counts are exact; averages may lose an
 * update to a race, never their sense. The package knows nothing of registries, strategies or HTTP; strategies borrow its
 * arithmetic. Start reading at {@code BackendStats}.
 */
@NullMarked
package dev.evenkeel.lb.core.stats;

import org.jspecify.annotations.NullMarked;
