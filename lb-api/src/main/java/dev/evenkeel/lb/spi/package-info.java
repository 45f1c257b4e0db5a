/**
 * Interfaces for plug-ins: strategies, discovery, health checks, outlier detection, time.
 *
 * <p>{@code lb-core} calls implementations as each interface describes; they see candidates and pools through read-only
 * views and never change them. Start reading at {@link dev.evenkeel.lb.spi.LoadBalancingStrategy}.
 */
@NullMarked
package dev.evenkeel.lb.spi;

import org.jspecify.annotations.NullMarked;
