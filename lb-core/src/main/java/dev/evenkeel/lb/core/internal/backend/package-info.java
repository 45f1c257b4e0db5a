/**
 * The state of one backend: counters, limits, health, and rarely used state that is allocated on demand.
 *
 * <p>Depends on statistics and the public API, and never on a component that changes the state. Start reading at
 * {@code BackendState}.
 */
@NullMarked
package dev.evenkeel.lb.core.internal.backend;

import org.jspecify.annotations.NullMarked;
