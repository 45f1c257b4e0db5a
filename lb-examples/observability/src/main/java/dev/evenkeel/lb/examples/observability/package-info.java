/**
 * What operators see of a pool: a Prometheus scrape, the stats page, the decision log.
 *
 * <p>Start reading at {@link dev.evenkeel.lb.examples.observability.Observability}.
 */
@NullMarked
package dev.evenkeel.lb.examples.observability;

import org.jspecify.annotations.NullMarked;
