/**
 * The pool: its builder (all wiring is there), its call path, its registry and its snapshot.
 *
 * <p>The call path reads one immutable snapshot and touches counters of the backend chosen; everything else happens
 * beside it, in the registry. The slices {@code strategy}, {@code health}, {@code discovery}, {@code config} and
 * {@code socket} do not know each other; this package wires them. Start reading at
 * {@link dev.evenkeel.lb.core.LoadBalancers}, then at {@code Pool.acquire}.
 */
@NullMarked
package dev.evenkeel.lb.core;

import org.jspecify.annotations.NullMarked;
