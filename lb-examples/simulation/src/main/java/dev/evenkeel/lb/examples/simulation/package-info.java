/**
 * A discrete-event simulation of clients that balance load over servers: the real pools and strategies on a virtual clock.
 *
 * <p>Everything follows from a seed; no thread is started and no system clock is read. The simulation touches lb-core only
 * through what any application sees. Start reading at {@code Main}, then {@code Run}.
 */
@NullMarked
package dev.evenkeel.lb.examples.simulation;

import org.jspecify.annotations.NullMarked;
