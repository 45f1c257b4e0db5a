/**
 * Membership of a pool: adding, removing, draining, and following a discovery source.
 *
 * <p>Changes state under the lock of {@code SnapshotPublisher}. Start reading at {@code Registry}.
 */
@NullMarked
package dev.evenkeel.lb.core.internal.registry;

import org.jspecify.annotations.NullMarked;
