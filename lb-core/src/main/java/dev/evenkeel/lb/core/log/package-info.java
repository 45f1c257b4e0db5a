/**
 * What the log, messages and events have in common: a bound on the rate of lines, foreign text made printable, and which
 * failures of the application's code are contained. Depends on the API alone; exported to lb-okhttp only. Start reading at
 * {@link dev.evenkeel.lb.core.log.Containment}.
 */
@NullMarked
package dev.evenkeel.lb.core.log;

import org.jspecify.annotations.NullMarked;
