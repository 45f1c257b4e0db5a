/**
 * A long run among faults, cancellations and changes of membership, to see whether anything grows or does not add up.
 *
 * <p>Everything follows from a seed. Start reading at {@link dev.evenkeel.lb.examples.soak.Soak}.
 */
@NullMarked
package dev.evenkeel.lb.examples.soak;

import org.jspecify.annotations.NullMarked;
