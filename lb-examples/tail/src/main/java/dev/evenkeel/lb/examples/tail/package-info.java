/**
 * Tail latency over real sockets: open-loop traffic on servers of uneven speed.
 *
 * <p>Arrivals are scheduled, and latency runs from the scheduled start, so a stall costs what it costs a user. Start
 * reading at {@link dev.evenkeel.lb.examples.tail.TailLatency}.
 */
@NullMarked
package dev.evenkeel.lb.examples.tail;

import org.jspecify.annotations.NullMarked;
