/**
 * Parsers of load reports: ORCA in its JSON, text and binary forms, HAProxy's agent line, JSON documents.
 *
 * <p>Each parser bounds what it reads. Start reading at {@code OrcaReports}.
 */
@NullMarked
package dev.evenkeel.lb.core.internal.load;

import org.jspecify.annotations.NullMarked;
