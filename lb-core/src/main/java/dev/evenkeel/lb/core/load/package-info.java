/**
 * Load reports of backends, from their agents or from documents: ORCA reports, JSON documents, HAProxy's agent line.
 *
 * <p>Stateless, and only {@link dev.evenkeel.lb.core.load.AgentCheck} does I/O. All input is untrusted, so all of it is
 * bounded, and malformed or out-of-range input is refused as a whole. Start reading at
 * {@link dev.evenkeel.lb.core.load.LoadReportPolicy}.
 */
@NullMarked
package dev.evenkeel.lb.core.load;

import org.jspecify.annotations.NullMarked;
