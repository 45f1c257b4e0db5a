/**
 * The stats page: its rows, its forms and the history that it draws.
 *
 * <p>Reads a pool through the public API alone. {@code StatsHandler} in {@code core.admin} is the only user; start
 * reading at {@code StatsPage}.
 */
@NullMarked
package dev.evenkeel.lb.core.internal.admin;

import org.jspecify.annotations.NullMarked;
