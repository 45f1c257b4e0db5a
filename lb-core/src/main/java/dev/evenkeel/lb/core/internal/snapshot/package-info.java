/**
 * Builds and publishes the immutable snapshot that calls read: eligibility, tiers, panic, zones, subsets, slow start
 * and the resulting pickers.
 *
 * <p>Runs under one lock, which {@code SnapshotPublisher} owns; calls read without it. Start reading at
 * {@code SnapshotBuilder}.
 */
@NullMarked
package dev.evenkeel.lb.core.internal.snapshot;

import org.jspecify.annotations.NullMarked;
