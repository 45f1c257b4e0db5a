/**
 * Micrometer meters of a client's pools. Micrometer is optional: without it on the class path nothing here is loaded.
 *
 * <p>Start reading at {@link dev.evenkeel.lb.okhttp.metrics.ClientMetrics}.
 */
@NullMarked
package dev.evenkeel.lb.okhttp.metrics;

import org.jspecify.annotations.NullMarked;
