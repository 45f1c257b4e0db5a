/**
 * The JSON form of everything that {@code LoadBalancing.builder()} does: which field of a document goes into which setter. It
 * extends the form of pools, {@code dev.evenkeel.lb.core.document}.
 *
 * <p>It knows the builders and every package of this module, and nobody but {@code RunningConfig} knows it; the setters know the
 * ranges. Not exported. Start reading at {@link dev.evenkeel.lb.okhttp.document.BalancingForm}.
 */
@NullMarked
package dev.evenkeel.lb.okhttp.document;

import org.jspecify.annotations.NullMarked;
