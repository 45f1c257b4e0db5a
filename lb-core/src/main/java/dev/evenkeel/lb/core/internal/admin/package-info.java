/**
 * The statistics page: its rows, its forms and its latency history.
 *
 * <p>Reads a pool through the public API only. {@code StatsHandler} in {@code core.admin} is the only user; start
 * reading at {@code StatsPage}.
 */
@NullMarked
package dev.evenkeel.lb.core.internal.admin;

import org.jspecify.annotations.NullMarked;
