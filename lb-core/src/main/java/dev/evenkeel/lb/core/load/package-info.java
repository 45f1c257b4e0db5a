/**
 * What backends say of their own load, read from the wire: ORCA reports and HAProxy's agent line.
 *
 * <p>Nothing here does I/O or remembers anything. All of it comes from outside, so all of it is bounded, and whatever is
 * malformed or out of range is refused as a whole. Start reading at {@link dev.evenkeel.lb.core.load.OrcaReports}.
 */
@NullMarked
package dev.evenkeel.lb.core.load;

import org.jspecify.annotations.NullMarked;
