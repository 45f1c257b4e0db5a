/**
 * The call path of a pool: pick, lease, completion, and the explanation of decisions.
 *
 * <p>Takes no lock and does no I/O. Start reading at {@code Pool}.
 */
@NullMarked
package dev.evenkeel.lb.core.internal.pool;

import org.jspecify.annotations.NullMarked;
