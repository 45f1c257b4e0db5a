/**
 * A client's pools as meters of Micrometer, which is optional: without it on the class path nothing here is loaded.
 *
 * <p>Start reading at {@link dev.evenkeel.lb.okhttp.metrics.ClientMetrics}.
 */
@NullMarked
package dev.evenkeel.lb.okhttp.metrics;

import org.jspecify.annotations.NullMarked;
