/**
 * Entry point: creates and configures pools.
 *
 * <p>The builder wires all parts of a pool. The call path reads one immutable snapshot and updates counters of the
 * chosen backend; everything else happens in the background, in the registry. The packages {@code strategy},
 * {@code health}, {@code discovery}, {@code config} and {@code socket} do not know each other; this package wires them.
 * Start reading at {@link dev.evenkeel.lb.core.LoadBalancers}, then at {@code Pool.acquire} in
 * {@code core.internal.pool}.
 */
@NullMarked
package dev.evenkeel.lb.core;

import org.jspecify.annotations.NullMarked;
