/**
 * What backends say of their own load, read from the wire: ORCA reports, JSON documents, HAProxy's agent line.
 *
 * <p>Nothing here remembers anything, and only {@link dev.evenkeel.lb.core.load.AgentCheck} does I/O. All of it comes
 * from outside, so all of it is bounded, and whatever is malformed or out of range is refused as a whole. Start reading
 * at {@link dev.evenkeel.lb.core.internal.load.OrcaReports}, and for what is asked beside the calls at
 * {@link dev.evenkeel.lb.core.load.LoadReportPolicy}.
 */
@NullMarked
package dev.evenkeel.lb.core.load;

import org.jspecify.annotations.NullMarked;
