/**
 * A test kit for load balancing strategies: runs a strategy through combinations of load, pool size, weights and features
 * of the pool, in real pools on a virtual clock, and says which promise it breaks.
 *
 * <p>Depends on {@code lb-core} alone; works with any test framework. Start reading at {@code StrategyMatrix}.
 */
@NullMarked
package dev.evenkeel.lb.testkit;

import org.jspecify.annotations.NullMarked;
