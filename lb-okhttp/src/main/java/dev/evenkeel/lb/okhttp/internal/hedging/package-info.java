/**
 * Hedging: the race of the two requests of one call.
 *
 * <p>Runs calls of {@code okhttp.internal.call}, which knows it as an interface. Start reading at {@code HedgeRace}.
 */
@NullMarked
package dev.evenkeel.lb.okhttp.internal.hedging;

import org.jspecify.annotations.NullMarked;
