/**
 * Two strategies side by side, live: the same arrivals go to two equal fleets of real servers, which a page can slow down, break,
 * hang and kill.
 *
 * <p>The calls are those of ordinary clients with pools attached. Start reading at
 * {@link dev.evenkeel.lb.examples.playground.Stage}.
 */
@NullMarked
package dev.evenkeel.lb.examples.playground;

import org.jspecify.annotations.NullMarked;
