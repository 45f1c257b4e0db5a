/**
 * The way of one call through a pool: pick, lease, completion; and why it was decided so.
 *
 * <p>Takes no lock and does no I/O. Start reading at {@code Pool}.
 */
@NullMarked
package dev.evenkeel.lb.core.internal.pool;

import org.jspecify.annotations.NullMarked;
