/**
 * Limits of a pool and its backends: admission with a bounded queue, and limits that follow latency.
 *
 * <p>Takes no lock on the call path. Start reading at {@code AdmissionController}.
 */
@NullMarked
package dev.evenkeel.lb.core.internal.limit;

import org.jspecify.annotations.NullMarked;
